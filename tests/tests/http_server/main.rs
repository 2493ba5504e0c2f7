//! A server behind the layer runs each request once: every statement holds for real clients over TCP.

mod handlers;
mod header;
mod problems;
mod replay;
mod requests;
mod shop;

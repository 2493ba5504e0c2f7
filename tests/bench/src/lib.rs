//! The requests that are measured. Each comes in two forms: as a request type of one's own, and as
//! what is sent, with three members that change between attempts.

#![allow(missing_docs, clippy::cast_precision_loss, clippy::must_use_candidate)]

use agentidemp::IdempotencyKey;
use borsh::BorshSerialize;
use serde::Serialize;

/// A request in both forms.
pub trait Request: IdempotencyKey + Serialize + BorshSerialize {
    type Sent<'a>: Serialize + From<&'a Self>
    where
        Self: 'a;
}

/// The members that change between attempts.
pub const VOLATILE: [&str; 3] = ["request_id", "timestamp", "trace_id"];

#[derive(Serialize)]
struct Volatile {
    request_id: &'static str,
    timestamp: u64,
    trace_id: &'static str,
}

const ATTEMPT: Volatile = Volatile {
    request_id: "req_7d1f9b20c4",
    timestamp: 1_767_225_600,
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
};

/// A request to a chat model.
#[derive(Serialize, BorshSerialize, IdempotencyKey)]
pub struct Chat {
    model: String,
    messages: Vec<Message>,
    temperature: f64,
    max_tokens: u32,
    stream: bool,
    stop: Option<String>,
}

#[derive(Serialize, BorshSerialize, IdempotencyKey)]
struct Message {
    role: String,
    content: String,
}

#[derive(Serialize)]
pub struct SentChat<'a> {
    request_id: &'static str,
    timestamp: u64,
    trace_id: &'static str,
    model: &'a str,
    messages: &'a [Message],
    temperature: f64,
    max_tokens: u32,
    stream: bool,
    stop: Option<&'a str>,
}

impl<'a> From<&'a Chat> for SentChat<'a> {
    fn from(chat: &'a Chat) -> Self {
        Self {
            request_id: ATTEMPT.request_id,
            timestamp: ATTEMPT.timestamp,
            trace_id: ATTEMPT.trace_id,
            model: &chat.model,
            messages: &chat.messages,
            temperature: chat.temperature,
            max_tokens: chat.max_tokens,
            stream: chat.stream,
            stop: chat.stop.as_deref(),
        }
    }
}

impl Request for Chat {
    type Sent<'a> = SentChat<'a>;
}

/// What people and programs write to a chat model.
#[derive(Clone, Copy)]
pub enum Text {
    /// A letter: 2.5 percent of its bytes are escaped in JSON.
    Prose,
    /// Source code: about 5 percent.
    Code,
    /// JSON: about 12 percent.
    Json,
}

impl Text {
    fn text(self) -> &'static str {
        match self {
            Self::Prose => include_str!("prose.txt"),
            Self::Code => include_str!("code.txt"),
            Self::Json => include_str!("json.txt"),
        }
    }

    /// The characters from `start` on, over and over, up to a length in canonical form.
    fn excerpt(self, start: usize, length: usize) -> String {
        let text = self.text();
        let start = start % text.chars().count();
        let mut left = length;
        let characters = text.chars().cycle().skip(start);
        let fits = characters.take_while(|character| {
            let escaped = matches!(character, '"' | '\\' | '\n' | '\t');
            let bytes = character.len_utf8() + usize::from(escaped);
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        });
        fits.collect()
    }
}

/// The longest message, in bytes of its canonical form.
const MESSAGE: usize = 4000;

/// The bytes of a chat request around its messages, and of a message around its content.
const AROUND_MESSAGES: usize = 102;
const AROUND_CONTENT: usize = 31;

/// A chat request whose canonical form has about `size` bytes.
pub fn chat(text: Text, size: usize) -> Chat {
    let mut messages = Vec::new();
    let mut left = size.saturating_sub(AROUND_MESSAGES);
    while left > AROUND_CONTENT {
        let length = (left - AROUND_CONTENT).min(MESSAGE);
        messages.push(Message {
            role: if messages.len() % 2 == 0 {
                "user"
            } else {
                "assistant"
            }
            .into(),
            content: text.excerpt(messages.len() * MESSAGE, length),
        });
        left -= AROUND_CONTENT + length;
    }
    Chat {
        model: "large-1-2026-01".into(),
        messages,
        temperature: 0.7,
        max_tokens: 1024,
        stream: false,
        stop: None,
    }
}

/// A vector as a search index takes it.
#[derive(Serialize, BorshSerialize, IdempotencyKey)]
pub struct Embedding {
    values: Vec<f32>,
}

#[derive(Serialize)]
pub struct SentEmbedding<'a> {
    request_id: &'static str,
    timestamp: u64,
    trace_id: &'static str,
    values: &'a [f32],
}

impl<'a> From<&'a Embedding> for SentEmbedding<'a> {
    fn from(embedding: &'a Embedding) -> Self {
        Self {
            request_id: ATTEMPT.request_id,
            timestamp: ATTEMPT.timestamp,
            trace_id: ATTEMPT.trace_id,
            values: &embedding.values,
        }
    }
}

impl Request for Embedding {
    type Sent<'a> = SentEmbedding<'a>;
}

/// 1536 floats of the size that a vector of length 1 has, with all their digits, the same on each run
/// (xorshift64).
pub fn embedding() -> Embedding {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let values = (0..1536).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let unit = (state >> 40) as f32 / (1 << 24) as f32;
        (unit * 2.0 - 1.0) * 0.05
    });
    Embedding {
        values: values.collect(),
    }
}

macro_rules! integers {
    ($($field:ident)*) => {
        /// 64 small integers, each a field.
        #[derive(Serialize, BorshSerialize, IdempotencyKey)]
        pub struct Integers {
            $($field: u32,)*
        }

        #[derive(Serialize)]
        pub struct SentIntegers {
            request_id: &'static str,
            timestamp: u64,
            trace_id: &'static str,
            $($field: u32,)*
        }

        impl From<&Integers> for SentIntegers {
            fn from(integers: &Integers) -> Self {
                Self {
                    request_id: ATTEMPT.request_id,
                    timestamp: ATTEMPT.timestamp,
                    trace_id: ATTEMPT.trace_id,
                    $($field: integers.$field,)*
                }
            }
        }

        pub fn integers() -> Integers {
            let mut next = 0;
            $(
                next = (next * 7 + 13) % 10_000;
                let $field = next;
            )*
            Integers { $($field,)* }
        }
    };
}

integers! {
    f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15
    f16 f17 f18 f19 f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31
    f32 f33 f34 f35 f36 f37 f38 f39 f40 f41 f42 f43 f44 f45 f46 f47
    f48 f49 f50 f51 f52 f53 f54 f55 f56 f57 f58 f59 f60 f61 f62 f63
}

impl Request for Integers {
    type Sent<'a> = SentIntegers;
}

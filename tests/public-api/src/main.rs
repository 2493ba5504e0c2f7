//! Prints what users can name of a crate, a line for each item, from the JSON that rustdoc writes of it.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let json = std::env::args_os().nth(1).ok_or("name the JSON file")?;
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?;
    println!("{api}");
    Ok(())
}

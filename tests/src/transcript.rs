//! A chat request as an agent sends it, with nothing skipped: what goes wrong in practice.

use agentidemp::IdempotencyKey;

/// A request of the second turn of a conversation.
#[derive(IdempotencyKey, Clone)]
#[idem(scope = "chat.create")]
pub struct Chat {
    pub model: String,
    pub messages: Vec<Message>,
    pub tools: Vec<Tool>,
    pub max_tokens: u32,
    pub temperature: f64,
    pub seed: u128,
    /// Forgotten: it should be skipped.
    pub sent_at: String,
    #[idem(skip_if = Option::is_none)]
    pub trace_id: Option<String>,
    #[idem(scope)]
    pub user: String,
}

#[derive(IdempotencyKey, Clone)]
pub struct Message {
    pub role: &'static str,
    pub content: String,
}

#[derive(IdempotencyKey, Clone)]
pub struct Tool {
    pub name: &'static str,
    pub description: &'static str,
}

impl Chat {
    pub fn new() -> Self {
        Self {
            model: "m-large-2026-01".into(),
            messages: vec![
                message("system", "You are a terse assistant."),
                message("user", "What is the capital of France?"),
                message("assistant", "Paris."),
                message("user", "And of Italy?"),
            ],
            tools: vec![
                Tool {
                    name: "search",
                    description: "Searches the web.",
                },
                Tool {
                    name: "calculator",
                    description: "Computes.",
                },
            ],
            max_tokens: 1024,
            temperature: 0.2,
            seed: 9_007_199_254_740_992,
            sent_at: "2026-01-05T09:30:00.102Z".into(),
            trace_id: None,
            user: "42".into(),
        }
    }

    /// The request after a change.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl Default for Chat {
    fn default() -> Self {
        Self::new()
    }
}

pub fn message(role: &'static str, content: &str) -> Message {
    Message {
        role,
        content: content.into(),
    }
}

/// A document of so many numbered sentences, as retrieval puts into a prompt.
pub fn document(sentences: usize) -> String {
    (1..=sentences)
        .map(|number| format!("Sentence {number} of the document says something. "))
        .collect()
}

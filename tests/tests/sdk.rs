//! Request types that nobody here wrote: those of async-openai. Their keys are those of their JSON.

use std::collections::HashMap;

use agentidemp::{IdempotencyKey, Identity, sha256_hex};
use agentidemp_tests::jcs;
use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, ChatCompletionNamedToolChoice,
    ChatCompletionRequestAssistantMessageArgs, ChatCompletionRequestMessage,
    ChatCompletionRequestMessageContentPartImage, ChatCompletionRequestMessageContentPartText,
    ChatCompletionRequestSystemMessage, ChatCompletionRequestToolMessageArgs,
    ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageArgs,
    ChatCompletionRequestUserMessageContentPart, ChatCompletionTool,
    ChatCompletionToolChoiceOption, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
    FunctionCall, FunctionObjectArgs, ImageDetail, ImageUrl, ReasoningEffort, ResponseFormat,
    ResponseFormatJsonSchema, StopConfiguration, ToolChoiceOptions,
};
use async_openai::types::embeddings::{
    CreateEmbeddingRequest, CreateEmbeddingRequestArgs, EmbeddingInput, EncodingFormat,
};
use serde::Serialize;
use serde_json::{Value, json};

fn assert_key_of_json(request: &impl Serialize) {
    let expected = jcs::of_wire(request).unwrap();
    let identity = Identity::new();
    let bytes = identity.canonical_bytes(request).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    assert_eq!(
        identity.key(request).unwrap(),
        sha256_hex(expected.as_bytes())
    );
}

fn plain() -> CreateChatCompletionRequest {
    let message = ChatCompletionRequestUserMessage::from("Was ist „JCS“?\n");
    CreateChatCompletionRequestArgs::default()
        .model("gpt-5-mini")
        .messages([ChatCompletionRequestMessage::from(message)])
        .build()
        .unwrap()
}

fn with_sampling() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        temperature: Some(0.1),
        top_p: Some(1.0),
        frequency_penalty: Some(-1.3),
        presence_penalty: Some(1e-7),
        max_completion_tokens: Some(u32::MAX),
        n: Some(1),
        logit_bias: Some(HashMap::from([
            ("50256".into(), -100),
            ("9".into(), 1),
            ("10".into(), 2),
        ])),
        stop: Some(StopConfiguration::StringArray(vec![
            "\u{0}".into(),
            "\u{1f600}".into(),
        ])),
        reasoning_effort: Some(ReasoningEffort::Minimal),
        store: Some(false),
        response_format: Some(ResponseFormat::JsonSchema {
            json_schema: ResponseFormatJsonSchema {
                name: "answer".into(),
                schema: json!({"type": "object", "required": ["b", "a"], "minimum": 0.5, "a": null}),
                description: None,
                strict: Some(true),
            },
        }),
        ..plain()
    }
}

fn with_tools_and_images() -> CreateChatCompletionRequest {
    let weather = FunctionObjectArgs::default()
        .name("get_weather")
        .description("The weather in a city")
        .parameters(json!({
            "type": "object",
            "properties": {"city": {"type": "string"}, "Anzahl Tage": {"type": "integer", "maximum": 1e1}},
            "required": ["city"],
        }))
        .strict(true)
        .build()
        .unwrap();
    let image = ImageUrl {
        url: "data:image/png;base64,iVBORw0KGgo=".into(),
        detail: Some(ImageDetail::Low),
    };
    let question: Vec<ChatCompletionRequestUserMessageContentPart> = vec![
        ChatCompletionRequestMessageContentPartText::from("What is the weather here?").into(),
        ChatCompletionRequestMessageContentPartImage::from(image).into(),
    ];
    let call = ChatCompletionMessageToolCall {
        id: "call_1".into(),
        function: FunctionCall {
            name: "get_weather".into(),
            arguments: r#"{"city": "Zürich"}"#.into(),
        },
    };
    let messages: Vec<ChatCompletionRequestMessage> = vec![
        ChatCompletionRequestSystemMessage::from("Be brief.").into(),
        ChatCompletionRequestUserMessageArgs::default()
            .content(question)
            .name("ada")
            .build()
            .unwrap()
            .into(),
        ChatCompletionRequestAssistantMessageArgs::default()
            .tool_calls(vec![ChatCompletionMessageToolCalls::from(call)])
            .build()
            .unwrap()
            .into(),
        ChatCompletionRequestToolMessageArgs::default()
            .tool_call_id("call_1")
            .content("{\"degrees\": 21.5}")
            .build()
            .unwrap()
            .into(),
    ];
    CreateChatCompletionRequest {
        messages,
        tools: Some(ChatCompletionTool { function: weather }.into()),
        tool_choice: Some(ChatCompletionToolChoiceOption::Mode(
            ToolChoiceOptions::Auto,
        )),
        parallel_tool_calls: Some(true),
        ..plain()
    }
}

fn with_a_named_tool() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        tool_choice: Some(ChatCompletionToolChoiceOption::Function(
            ChatCompletionNamedToolChoice::from("get_weather"),
        )),
        ..with_tools_and_images()
    }
}

fn embedding(input: EmbeddingInput) -> CreateEmbeddingRequest {
    CreateEmbeddingRequestArgs::default()
        .model("text-embedding-3-small")
        .input(input)
        .encoding_format(EncodingFormat::Float)
        .dimensions(256_u32)
        .build()
        .unwrap()
}

#[test]
fn chat_completions_have_the_key_of_their_json() {
    for request in [
        plain(),
        with_sampling(),
        with_tools_and_images(),
        with_a_named_tool(),
    ] {
        assert_key_of_json(&request);
    }
}

#[test]
fn embeddings_have_the_key_of_their_json() {
    let inputs = [
        EmbeddingInput::String("naïve\tcafé".into()),
        EmbeddingInput::StringArray(vec!["a".into(), "bc".into()]),
        EmbeddingInput::IntegerArray(vec![0, 100_257]),
        EmbeddingInput::ArrayOfIntegerArray(vec![vec![1], vec![]]),
    ];
    for input in inputs {
        assert_key_of_json(&embedding(input));
    }
}

/// The JSON of a float field of 32 bits is `0.1`, and so is its canonical form.
#[test]
fn a_request_that_went_through_json_keeps_its_key() {
    for request in [with_sampling(), with_tools_and_images()] {
        let sent: Value = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        let identity = Identity::new();
        assert_eq!(
            identity.key(&sent).unwrap(),
            identity.key(&request).unwrap()
        );
    }
}

#[test]
fn different_requests_have_different_keys() {
    let identity = Identity::new();
    let requests = [
        plain(),
        with_sampling(),
        with_tools_and_images(),
        with_a_named_tool(),
    ];
    let mut keys: Vec<_> = requests
        .iter()
        .map(|request| identity.key(request).unwrap())
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), requests.len());
}

#[test]
fn volatile_parts_of_a_request_are_excluded() {
    let identity = Identity::new()
        .exclude(["store", "/messages/*/name"])
        .scope("chat.create");
    let first = with_tools_and_images();
    let mut second = first.clone();
    second.store = Some(true);
    if let ChatCompletionRequestMessage::User(message) = &mut second.messages[1] {
        message.name = None;
    }
    assert_ne!(
        Identity::new().key(&first).unwrap(),
        Identity::new().key(&second).unwrap()
    );
    assert_eq!(
        identity.key(&first).unwrap(),
        identity.key(&second).unwrap()
    );
}

/// A request of one's own around the request of the SDK.
#[derive(Serialize, IdempotencyKey)]
#[serde(rename_all = "camelCase")]
struct Step {
    #[idem(serde)]
    chat_request: CreateChatCompletionRequest,
    #[idem(serde)]
    #[serde(flatten)]
    embedding: CreateEmbeddingRequest,
    step: u32,
}

#[test]
fn an_sdk_request_is_a_field_of_a_derived_request() {
    let step = Step {
        chat_request: with_tools_and_images(),
        embedding: embedding(EmbeddingInput::String("a".into())),
        step: 3,
    };
    let expected = jcs::of_wire(&step).unwrap();
    assert_eq!(String::from_utf8(step.canonical_bytes()).unwrap(), expected);
    assert_key_of_json(&step);
}

//! What a type is.

/// The types in an order in which each uses those before it.
pub struct Batch {
    pub types: Vec<Type>,
    pub requests: Vec<Request>,
}

#[derive(Clone)]
pub struct Type {
    pub name: String,
    pub is_generic: bool,
    /// Whether neither it nor what is within it has an `#[idem(..)]` that changes the key, or is a set.
    pub is_plain: bool,
    pub attributes: Attributes,
    pub data: Data,
}

#[derive(Clone)]
pub enum Data {
    Struct(Fields),
    Enum(Vec<Variant>),
    /// What goes on the wire in its place.
    Into(String),
}

#[derive(Clone)]
pub struct Variant {
    pub name: String,
    pub attributes: Attributes,
    pub fields: Fields,
}

#[derive(Clone)]
pub enum Fields {
    Unit,
    Tuple(Vec<Field>),
    Named(Vec<Field>),
}

#[derive(Clone)]
pub struct Field {
    pub name: String,
    pub ty: String,
    pub attributes: Attributes,
}

/// A struct with a scope.
#[derive(Clone)]
pub struct Request {
    pub name: String,
    pub operation: Option<&'static str>,
    pub fields: Vec<Field>,
    /// The fields of the scope, with their labels.
    pub scope: Vec<(String, String)>,
    /// The request within, if it is an envelope.
    pub within: Option<Within>,
    /// What the document of its identity says beside the scope.
    pub rules: Vec<(&'static str, String)>,
}

/// A request within a request.
#[derive(Clone)]
pub struct Within {
    /// The type of the request, with its own parameters.
    pub ty: String,
    pub how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// `#[idem(delegate)]`
    Delegate,
    /// The only field whose type is a parameter.
    Parameter,
    /// `#[serde(flatten)]`
    Flatten,
}

/// What the type says, and what its twin says.
#[derive(Clone, Default)]
pub struct Attributes {
    pub ours: Vec<String>,
    pub twin: Vec<String>,
}

impl Request {
    /// The type as another one names it.
    pub fn ty(&self) -> String {
        match &self.within {
            Some(Within {
                ty,
                how: How::Parameter,
            }) => format!("{}<{ty}>", self.name),
            _ => self.name.clone(),
        }
    }
}

impl Attributes {
    pub fn both(&mut self, attribute: impl Into<String>) {
        let attribute = attribute.into();
        self.ours.push(attribute.clone());
        self.twin.push(attribute);
    }

    pub fn each(&mut self, ours: impl Into<String>, twin: impl Into<String>) {
        self.ours.push(ours.into());
        self.twin.push(twin.into());
    }
}

/// The name of a member that is not renamed.
pub fn member(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

//! [`Canonical`] for `url`. Its `Serialize` would bring `serde_derive` along.

use url::Url;

use crate::Canonical;
use crate::canonical::Encoder;

impl Canonical for Url {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.string(self.as_str());
    }
}

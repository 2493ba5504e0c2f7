//! [`Canonical`](crate::Canonical) for `semver`.

use semver::{Comparator, Version, VersionReq};

crate::canonical_by_serialize!(Version, VersionReq, Comparator);

//! Which keys were offered before.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use core::cmp::Ordering;

use crate::identity::Identity;

/// So many keys are looked through; more are looked up.
const FEW_KEYS: usize = 16;

/// The keys by their blobs, once they are more than a few.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(BTreeSet<ByBlob>);

impl Known {
    /// Whether the key is one of these, which were all asked about before it; it is one of them
    /// from now on.
    pub(super) fn has<'a>(
        known: &mut Option<Box<Self>>,
        identity: &Identity,
        keys: &mut impl ExactSizeIterator<Item = &'a Identity>,
    ) -> bool {
        if keys.len() < FEW_KEYS {
            return keys.any(|key| key.blob() == identity.blob());
        }
        let known = known.get_or_insert_with(|| {
            let blobs = keys.map(|key| ByBlob(key.clone()));
            Box::new(Self(blobs.collect()))
        });
        !known.0.insert(ByBlob(identity.clone()))
    }
}

/// In the order of the blobs.
#[derive(Clone, Debug)]
struct ByBlob(Identity);

impl Ord for ByBlob {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.blob().cmp(other.0.blob())
    }
}

impl PartialOrd for ByBlob {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByBlob {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ByBlob {}

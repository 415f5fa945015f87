//! Keys that wait for the same thing, one behind the other, without memory of their own: each key
//! knows who stands behind it. No key stands in two lines.

use super::keys::Key;
use crate::method::key_id::KeyId;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Line {
    first: Option<KeyId>,
    last: Option<KeyId>,
}

impl Line {
    pub(super) fn is_empty(self) -> bool {
        self.first.is_none()
    }

    pub(super) fn push_back(&mut self, key: KeyId, keys: &mut [Key]) {
        match self.last.replace(key) {
            Some(last) => set_behind(last, Some(key), keys),
            None => self.first = Some(key),
        }
    }

    pub(super) fn push_front(&mut self, key: KeyId, keys: &mut [Key]) {
        match self.first.replace(key) {
            Some(first) => set_behind(key, Some(first), keys),
            None => self.last = Some(key),
        }
    }

    /// In front of the first key that the caller offered later.
    pub(super) fn insert_in_order(&mut self, key: KeyId, keys: &mut [Key]) {
        let (mut before, mut here) = (None, self.first);
        while let Some(earlier) = here.filter(|here| here.index() < key.index()) {
            before = Some(earlier);
            here = keys.get(earlier.index()).and_then(|key| key.behind);
        }
        match (before, here) {
            (None, _) => self.push_front(key, keys),
            (Some(_), None) => self.push_back(key, keys),
            (Some(before), Some(_)) => {
                set_behind(key, here, keys);
                set_behind(before, Some(key), keys);
            }
        }
    }

    pub(super) fn pop_front(&mut self, keys: &mut [Key]) -> Option<KeyId> {
        self.take_first(keys, |_| true)
    }

    /// Takes out the first that fits.
    pub(super) fn take_first(
        &mut self,
        keys: &mut [Key],
        fits: impl Fn(&Key) -> bool,
    ) -> Option<KeyId> {
        let (mut before, mut here) = (None, self.first?);
        while !keys.get(here.index()).is_some_and(&fits) {
            before = Some(here);
            here = keys.get(here.index())?.behind?;
        }
        let behind = keys.get_mut(here.index())?.behind.take();
        match before {
            Some(before) => set_behind(before, behind, keys),
            None => self.first = behind,
        }
        if behind.is_none() {
            self.last = before;
        }
        Some(here)
    }
}

fn set_behind(key: KeyId, behind: Option<KeyId>, keys: &mut [Key]) {
    if let Some(key) = keys.get_mut(key.index()) {
        key.behind = behind;
    }
}

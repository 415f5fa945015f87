//! Containers for what there is mostly one or two of: those need no memory of their own.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::array;
use core::fmt;
use core::mem;
use core::ops::{Deref, DerefMut};

/// What stands in the places of a [`Few`] that are not taken. It owns nothing.
pub(crate) trait Blank {
    fn blank() -> Self;
}

/// A list whose first `N` elements are in place.
#[derive(Clone)]
pub(crate) enum Few<T, const N: usize> {
    Here { places: [T; N], taken: usize },
    There(Vec<T>),
}

impl<T: Blank, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self::Here {
            places: array::from_fn(|_| T::blank()),
            taken: 0,
        }
    }
}

impl<T: Blank, const N: usize> Few<T, N> {
    // Inlined, the item is made in its place, and not made and moved.
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        if let Self::Here { places, taken } = self
            && let Some(place) = places.get_mut(*taken)
        {
            // A blank needs no drop, and most of the pushing would be to find that out.
            mem::forget(mem::replace(place, item));
            *taken += 1;
        } else {
            self.push_there(item);
        }
    }

    #[cold]
    fn push_there(&mut self, item: T) {
        match self {
            Self::There(items) => items.push(item),
            Self::Here { places, .. } => {
                let mut items = Vec::with_capacity(N + N.div_ceil(2));
                items.extend(places.iter_mut().map(|item| mem::replace(item, T::blank())));
                items.push(item);
                *self = Self::There(items);
            }
        }
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        match self {
            Self::There(items) => items.truncate(length),
            Self::Here { places, taken } => {
                for place in places.iter_mut().skip(length) {
                    *place = T::blank();
                }
                *taken = length.min(*taken);
            }
        }
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        match self {
            Self::There(items) => items.retain(keep),
            Self::Here { places, taken } => {
                let kept = mem::replace(places, array::from_fn(|_| T::blank()));
                let kept = kept.into_iter().take(mem::take(taken)).filter(keep);
                for (place, item) in places.iter_mut().zip(kept) {
                    *place = item;
                    *taken += 1;
                }
            }
        }
    }
}

impl<T: Blank, const N: usize> FromIterator<T> for Few<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let items = items.into_iter();
        if items.size_hint().0 > N {
            return Self::There(items.collect());
        }
        let mut few = Self::default();
        for item in items {
            few.push(item);
        }
        few
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Here { places, taken } => places.get(..*taken).unwrap_or_default(),
            Self::There(items) => items,
        }
    }
}

impl<T, const N: usize> DerefMut for Few<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::Here { places, taken } => places.get_mut(..*taken).unwrap_or_default(),
            Self::There(items) => items,
        }
    }
}

impl<T: PartialEq, const N: usize> PartialEq for Few<T, N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq, const N: usize> Eq for Few<T, N> {}

impl<T: fmt::Debug, const N: usize> fmt::Debug for Few<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A list that is mostly empty: then it is one word, and no memory of its own.
#[derive(Clone)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Rare<T>(Option<Box<Items<T>>>);

#[derive(Clone)]
#[cfg_attr(test, derive(Hash))]
// A vector in a box on purpose: empty, it is one word, not three.
struct Items<T>(Vec<T>);

impl<T> Rare<T> {
    pub(crate) fn push(&mut self, item: T) {
        // If there is anything, there is mostly one.
        let one = || Box::new(Items(Vec::with_capacity(1)));
        self.0.get_or_insert_with(one).0.push(item);
    }

    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Rare<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |items| &items.0)
    }
}

impl<T> Extend<T> for Rare<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.push(item);
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// First in, first out. The first is in place, and the memory of the others is given back with
/// the last of them.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(crate) struct Queue<T> {
    /// None only if there are no others.
    first: Option<T>,
    others: VecDeque<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            first: None,
            others: VecDeque::new(),
        }
    }
}

impl<T> Queue<T> {
    // Inlined, the item is made in its place, and not made and moved.
    #[inline]
    pub(crate) fn push_back(&mut self, item: T) {
        if self.first.is_none() {
            self.first = Some(item);
        } else {
            self.push_behind(item);
        }
    }

    fn push_behind(&mut self, item: T) {
        if self.others.capacity() == 0 {
            self.others.reserve_exact(1);
        }
        self.others.push_back(item);
    }

    pub(crate) fn push_front(&mut self, item: T) {
        if let Some(second) = self.first.replace(item) {
            self.others.push_front(second);
        }
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        // Mostly there is one only, and it is moved once.
        if self.others.capacity() == 0 {
            return self.first.take();
        }
        let second = self.second();
        mem::replace(&mut self.first, second)
    }

    /// Takes out the one behind the first.
    fn second(&mut self) -> Option<T> {
        if self.others.capacity() == 0 {
            return None;
        }
        let second = self.others.pop_front();
        if self.others.is_empty() {
            self.others = VecDeque::new();
        }
        second
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.first.as_ref()
    }

    pub(crate) fn back(&self) -> Option<&T> {
        self.others.back().or(self.first.as_ref())
    }

    pub(crate) fn len(&self) -> usize {
        self.others.len() + usize::from(self.first.is_some())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.others)
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.others.retain(&keep);
        if self.first.as_ref().is_some_and(|first| !keep(first)) {
            self.first = self.second();
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes all out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> + use<T> {
        let Self { first, others } = mem::take(self);
        first.into_iter().chain(others)
    }
}

impl<T> Extend<T> for Queue<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.push_back(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Blank for u8 {
        fn blank() -> Self {
            0
        }
    }

    #[test]
    fn few_is_a_list() {
        let mut few: Few<u8, 2> = Few::default();
        for item in 1..6 {
            few.push(item);
            let expected: Vec<u8> = (1..=item).collect();
            assert_eq!(*few, *expected);
            let mut odd = few.clone();
            odd.retain(|item| item % 2 == 1);
            let expected: Vec<u8> = (1..=item).step_by(2).collect();
            assert_eq!(*odd, *expected);
            odd.truncate(1);
            assert_eq!(*odd, [1]);
        }
    }

    #[test]
    fn few_of_an_iterator_is_in_place_if_it_fits() {
        for length in 0..5 {
            let items = 1..=length;
            let few: Few<u8, 2> = items.clone().collect();
            assert!(items.clone().eq(few.iter().copied()));
            assert_eq!(matches!(few, Few::Here { .. }), length <= 2);
            // However it came about.
            let mut pushed = Few::default();
            for item in items {
                pushed.push(item);
            }
            assert_eq!(few, pushed);
            pushed.push(9);
            assert_ne!(few, pushed);
            assert_eq!(alloc::format!("{few:?}"), alloc::format!("{:?}", &*few));
        }
    }

    #[test]
    fn rare_is_a_list() {
        let mut rare = Rare::default();
        assert!(rare.is_empty());
        rare.push(1);
        rare.extend([2, 3]);
        assert_eq!(*rare, [1, 2, 3]);
        assert_eq!(alloc::format!("{rare:?}"), "[1, 2, 3]");
        rare.clear();
        assert!(rare.is_empty());
    }

    #[test]
    fn queue_is_a_queue() {
        let mut queue = Queue::default();
        queue.extend([2, 3, 4]);
        queue.push_front(1);
        assert_eq!(
            (queue.front(), queue.back(), queue.len()),
            (Some(&1), Some(&4), 4)
        );
        let mut even = queue.clone();
        even.retain(|item| item % 2 == 0);
        assert!(even.iter().eq(&[2, 4]));
        assert_eq!(even.pop_front(), Some(2));
        assert_eq!(even.pop_front(), Some(4));
        assert!(even.is_empty() && even.pop_front().is_none());
        assert!(queue.drain().eq([1, 2, 3, 4]));
        assert!(queue.is_empty());
    }
}

//! Choices at random, the same ones in every run.

/// A sequence of numbers that look random (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `limit`, or 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.next().checked_rem(limit as u64).unwrap_or(0) as usize
    }

    /// A number from `low` to `high - 1`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Several things, fewer than `limit`.
    pub fn several<T>(&mut self, limit: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(limit)).map(|_| one(self)).collect()
    }
}

/// Lets a property hold in a number of random cases. A case that fails prints its seed.
///
/// `PROPERTY_CASES` chooses another number of cases, `PROPERTY_SEED` the seed of the first one.
pub fn for_all(cases: u64, property: impl Fn(&mut Chance)) {
    let from_environment = |name: &str| std::env::var(name).ok().map(|value| value.parse().unwrap());
    let cases = from_environment("PROPERTY_CASES").unwrap_or(cases);
    let first = from_environment("PROPERTY_SEED").unwrap_or(1);
    for seed in first..first + cases {
        let _shown = Shown(seed);
        // Neighbouring seeds would begin with neighbouring states.
        property(&mut Chance(Chance(seed).next()));
    }
}

/// Prints the seed of a case that fails.
struct Shown(u64);

impl Drop for Shown {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("PROPERTY_SEED={} PROPERTY_CASES=1 repeats the case that failed", self.0);
        }
    }
}

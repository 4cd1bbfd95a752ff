import Foundation

/// A SplitMix64 generator whose seed is printed, so that a failing case can be run again.
///
/// `CONSIGNE_SEED=n` fixes the seed of every test. (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", OOPSLA 2014.)
public struct SeededGenerator: RandomNumberGenerator {
    public let seed: UInt64
    private var state: UInt64

    /// Draws a seed, or takes the one of the environment, and says which test uses it.
    public init(for test: String) {
        let stated = ProcessInfo.processInfo.environment["CONSIGNE_SEED"].flatMap(UInt64.init)
        self.init(seed: stated ?? UInt64.random(in: 1...9_999_999))
        print("\(test): CONSIGNE_SEED=\(seed)")
    }

    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

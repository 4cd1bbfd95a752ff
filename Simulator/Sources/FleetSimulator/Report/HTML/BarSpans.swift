#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How far bars reach to both sides of their middles: half way to the nearer neighbour, so that none covers another.
enum BarSpans {
    /// - Parameter middles: in ascending order, above zero on a logarithmic axis.
    static func around(_ middles: [Double], isLogarithmic: Bool) -> [ClosedRange<Double>] {
        let places = isLogarithmic ? middles.map { log10($0) } : middles
        let gaps = zip(places, places.dropFirst()).map { $1 - $0 }
        // Bars at one place have no gap of their own.
        let least = gaps.filter { $0 > 0 }.min() ?? (isLogarithmic ? 0.3 : 1)
        return places.indices.map { index in
            let beside = [index > 0 ? gaps[index - 1] : nil, index < gaps.count ? gaps[index] : nil]
            let half = (beside.compactMap { $0 }.filter { $0 > 0 }.min() ?? least) / 2
            let (low, high) = (places[index] - half, places[index] + half)
            return isLogarithmic ? pow(10, low)...pow(10, high) : low...high
        }
    }
}

/// Numbers as the report writes them: thousands apart, a real minus sign, no more digits than mean something.
enum Figure {
    static let missing = "–"

    /// About three digits, whole from 100 on.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return missing }
        let size = abs(value)
        guard size < 1e15, size == 0 || size >= 1e-6 else { return "\(value)" }
        if size == 0 || size >= 99.95 { return fixed(value, decimals: 0) }
        if size >= 9.995 { return fixed(value, decimals: 1) }
        if size >= 0.9995 { return fixed(value, decimals: 2) }
        return fixed(value, decimals: 2 - exponent(size))
    }

    /// With so many digits behind the point.
    static func fixed(_ value: Double, decimals: Int) -> String {
        var unit = 1.0
        for _ in 0..<decimals { unit *= 10 }
        let scaled = (abs(value) * unit).rounded()
        guard scaled < 9e18 else { return "\(value)" }
        var digits = String(UInt64(scaled))
        if digits.count <= decimals { digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits }
        let fraction = decimals == 0 ? "" : "." + digits.suffix(decimals)
        return (value < 0 && scaled > 0 ? "−" : "") + grouped(digits.dropLast(decimals)) + fraction
    }

    /// As `text`, without the zeros at the end of a fraction: a target of 0.8, not 0.800.
    static func short(_ value: Double) -> String {
        let text = text(value)
        guard text.contains("."), !text.contains("e") else { return text }
        let kept = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(kept.reversed())
    }

    /// The power of ten of a value's first digit.
    static func exponent(_ size: Double) -> Int {
        var (exponent, rest) = (0, size)
        while rest >= 10 { (exponent, rest) = (exponent + 1, rest / 10) }
        while rest < 0.999_999_999 { (exponent, rest) = (exponent - 1, rest * 10) }
        return exponent
    }

    private static func grouped(_ digits: Substring) -> String {
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return out
    }
}

/// A value that `min` and `max` can order: an integer, a duration or a time.
enum Quantity: Comparable {
    case integer(Int64)
    case duration(Seconds)
    case timestamp(Timestamp)
    /// Nothing the two strategies know; stands after all others, ordered by bytes so that the order is total.
    case other([UInt8])

    init(_ value: JSONValue) {
        if let number = value.integer {
            self = .integer(number)
        } else if let duration = value.string.flatMap(Seconds.init) {
            self = .duration(duration)
        } else if let time = value.string.flatMap(Timestamp.init) {
            self = .timestamp(time)
        } else {
            self = .other(CanonicalWriter.bytes(of: value))
        }
    }

    static func < (left: Quantity, right: Quantity) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.duration(let left), .duration(let right)): left < right
        case (.timestamp(let left), .timestamp(let right)): left < right
        case (.other(let left), .other(let right)): left.lexicographicallyPrecedes(right)
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .integer: 0
        case .duration: 1
        case .timestamp: 2
        case .other: 3
        }
    }
}

/// One of the equal shares of a fleet that several processes play, counted from 1.
public struct Share: Hashable, Sendable {
    public let number: Int
    public let count: Int

    /// One process plays all.
    public static let whole = Share(number: 1, count: 1)

    init(number: Int, count: Int) {
        self.number = number
        self.count = count
    }

    /// Reads `2/7`.
    public init?(_ text: String) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let number = numbers[0], let count = numbers[1], count > 0,
            (1...count).contains(number)
        else { return nil }
        self.init(number: number, count: count)
    }

    /// The process that plays the operators too.
    var isFirst: Bool { number == 1 }
    var isWhole: Bool { count == 1 }
}

extension Share: CustomStringConvertible {
    public var description: String { "\(number)/\(count)" }
}

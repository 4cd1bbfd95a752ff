/// Reads fields with dots between them, from bytes.
///
/// Every check-in passes here, with a tag and with what the device holds: to split a text into texts would cost more than
/// the rest of the answer.
struct DottedScanner {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    private let bytes: Bytes
    private var place = 0
    /// Whether the last field was taken.
    private(set) var isDone = false

    init(_ bytes: Bytes) { self.bytes = bytes }

    /// The bytes up to the next dot or the end; nil when all were taken.
    mutating func field() -> Bytes? {
        guard !isDone else { return nil }
        var end = place
        while end < bytes.count, bytes[end] != UInt8(ascii: ".") { end += 1 }
        defer {
            isDone = end == bytes.count
            place = end + 1
        }
        return Bytes(rebasing: bytes[place..<end])
    }

    /// The next field as a number: digits, no sign, no leading zero, and no more than JSON's readers agree on.
    mutating func number() -> UInt64? {
        guard let field = field(), !field.isEmpty, field.count == 1 || field[0] != UInt8(ascii: "0") else { return nil }
        var number: UInt64 = 0
        for digit in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeBySum) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !isTooLarge, !isTooLargeBySum, sum <= UInt64(Limits.integerMagnitude) else { return nil }
            number = sum
        }
        return number
    }

    /// Whether a field is the one character that stands for something.
    static func `is`(_ field: Bytes, _ character: Unicode.Scalar) -> Bool {
        field.count == 1 && field[0] == UInt8(ascii: character)
    }
}

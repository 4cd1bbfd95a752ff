extension StaticString {
    /// Whether bytes begin with this text, but for the case of ASCII letters; the text is in lower case.
    func isPrefix(of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count >= utf8CodeUnitCount else { return false }
        for index in 0..<utf8CodeUnitCount {
            let (byte, expected) = (bytes[index], utf8Start[index])
            guard byte == expected || (byte | 0x20 == expected && byte >= 0x41 && byte <= 0x5A) else { return false }
        }
        return true
    }
}

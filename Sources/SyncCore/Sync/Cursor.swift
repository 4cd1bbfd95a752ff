/// What a device's answer was made from: the ETag of the sync route, opaque to the agent.
///
/// `epoch.held.offered.commands.user`: the digest the device holds, the one it was last answered for (`=` when the same;
/// they differ when it could not apply that one), the commands that address it, the revision of its user document.
/// Digests are cut to 96 bits: the tag only says "nothing new", the full digest travels in the body and in
/// `Consigne-Have`.
public struct Cursor: Hashable, Sendable {
    public let epoch: UInt64
    public let held: DigestPrefix?
    public let offered: DigestPrefix?
    public let commands: String
    public let user: UInt64

    public init(epoch: UInt64, held: Digest?, offered: Digest, commands: String = "0", user: UInt64 = 0) {
        self.epoch = epoch
        self.held = held.map(DigestPrefix.init)
        self.offered = DigestPrefix(offered)
        self.commands = commands
        self.user = user
    }

    /// Reads the text of a tag; nil for anything this version did not write.
    public init?(_ text: String) {
        var text = text
        guard let cursor = text.withUTF8({ Cursor(utf8: $0) }) else { return nil }
        self = cursor
    }

    /// The same from its bytes.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        var scanner = DottedScanner(bytes)
        guard let epoch = scanner.number(), let heldText = scanner.field(), let offeredText = scanner.field(),
            let commands = scanner.field(), Self.isCommands(commands), let user = scanner.number(), scanner.isDone,
            let held = Self.prefix(heldText)
        else { return nil }
        self.epoch = epoch
        self.held = held
        if DottedScanner.is(offeredText, "=") {
            offered = held
        } else if let offered = Self.prefix(offeredText) {
            self.offered = offered
        } else {
            return nil
        }
        self.commands = String(decoding: commands, as: UTF8.self)
        self.user = user
    }

    /// The outer nil for what is no prefix, the inner one for a hyphen.
    private static func prefix(_ field: DottedScanner.Bytes) -> DigestPrefix?? {
        if DottedScanner.is(field, "-") { return .some(nil) }
        return DigestPrefix(utf8: field).map { .some($0) }
    }

    private static func isCommands(_ field: DottedScanner.Bytes) -> Bool {
        (1...DigestPrefix.digits).contains(field.count) && field.allSatisfy { Hex.nibble($0) != nil }
    }
}

extension Cursor: CustomStringConvertible {
    public var description: String {
        // Piece by piece: it stands in every answer, and an interpolation takes three times as long.
        var text = String(epoch)
        text.reserveCapacity(Self.usualBytes)
        for part in [held?.description ?? "-", held == offered ? "=" : offered?.description ?? "-", commands] {
            text += "."
            text += part
        }
        text += "."
        text += String(user)
        return text
    }

    /// Bytes of a text with two digests and small numbers.
    private static let usualBytes = 2 * DigestPrefix.digits + 24
}

/// What a device says it has: the highest version it verified, and the digest it computed from its stored bytes.
///
/// Header `Consigne-Have: epoch.version.digest`, with `-` for the digest of a device that holds nothing yet.
public struct Have: Hashable, Sendable {
    public let epoch: UInt64
    public let version: Seq
    public let digest: Digest?

    public init(epoch: UInt64, version: Seq, digest: Digest?) {
        self.epoch = epoch
        self.version = version
        self.digest = digest
    }

    public init?(_ text: String) {
        var text = text
        guard let have = text.withUTF8({ Have(utf8: $0) }) else { return nil }
        self = have
    }

    /// The same from its bytes.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        var scanner = DottedScanner(bytes)
        guard let epoch = scanner.number(), let version = scanner.number(), let field = scanner.field(),
            scanner.isDone
        else { return nil }
        self.epoch = epoch
        self.version = version
        if DottedScanner.is(field, "-") {
            digest = nil
        } else if let digest = Digest(utf8: field) {
            self.digest = digest
        } else {
            return nil
        }
    }
}

extension Have: CustomStringConvertible {
    public var description: String {
        [String(epoch), String(version), digest?.description ?? "-"].joined(separator: ".")
    }
}

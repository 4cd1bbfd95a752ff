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
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, let epoch = Decimal.read(parts[0]), let user = Decimal.read(parts[4]),
            Self.isPrefix(parts[1]), parts[2] == "=" || Self.isPrefix(parts[2]), Self.isCommands(parts[3])
        else { return nil }
        self.epoch = epoch
        held = DigestPrefix(parts[1])
        offered = parts[2] == "=" ? held : DigestPrefix(parts[2])
        commands = String(parts[3])
        self.user = user
    }

    private static func isPrefix(_ text: some StringProtocol) -> Bool { text == "-" || DigestPrefix(text) != nil }

    private static func isCommands(_ text: some StringProtocol) -> Bool {
        (1...DigestPrefix.digits).contains(text.utf8.count) && text.utf8.allSatisfy { Hex.nibble($0) != nil }
    }
}

extension Cursor: CustomStringConvertible {
    public var description: String {
        "\(epoch).\(held?.description ?? "-").\(held == offered ? "=" : offered?.description ?? "-").\(commands).\(user)"
    }
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

    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let epoch = Decimal.read(parts[0]), let version = Decimal.read(parts[1]) else {
            return nil
        }
        self.epoch = epoch
        self.version = version
        if parts[2] == "-" {
            digest = nil
        } else if let digest = Digest(parts[2]) {
            self.digest = digest
        } else {
            return nil
        }
    }
}

extension Have: CustomStringConvertible {
    public var description: String { "\(epoch).\(version).\(digest?.description ?? "-")" }
}

/// Numbers as the wire writes them: digits, no sign, no leading zero.
private enum Decimal {
    static func read(_ text: some StringProtocol) -> UInt64? {
        guard let number = UInt64(text), text == String(number) else { return nil }
        return number
    }
}

/// The name of an org unit: its place in the one tree, `/gendarmerie/bretagne/groupement-35`.
///
/// Invariant: `/`, or 1 to 8 segments of lower-case letters, digits, `-`, `_` and `.`, each at most 63 characters.
public struct OrgPath: Hashable, Sendable {
    public static let root = OrgPath(trusted: "/")
    public static let maximumDepth = 8
    public static let expected = "a path such as /gendarmerie/bretagne: up to 8 segments of a-z, 0-9, - _ ."

    public let text: String

    public init?(_ text: String) {
        if text != "/" {
            guard text.utf8.first == UInt8(ascii: "/") else { return nil }
            let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            guard segments.count <= Self.maximumDepth, segments.allSatisfy(Name.isValid) else { return nil }
        }
        self.text = text
    }

    private init(trusted text: String) { self.text = text }

    /// 0 for `/`, 1 for an agency.
    public var depth: Int { self == .root ? 0 : text.utf8.count { $0 == UInt8(ascii: "/") } }

    /// Nil for `/`.
    public var parent: OrgPath? {
        guard self != .root, let slash = text.lastIndex(of: "/") else { return nil }
        return slash == text.startIndex ? .root : OrgPath(trusted: String(text[..<slash]))
    }

    /// The unit at depth 1 that this one belongs to; nil for `/`.
    public var agency: OrgPath? {
        guard self != .root else { return nil }
        let end = text.dropFirst().firstIndex(of: "/") ?? text.endIndex
        return OrgPath(trusted: String(text[..<end]))
    }

    /// This unit and those above it, the root last.
    public var selfAndAncestors: [OrgPath] {
        Array(sequence(first: self) { $0.parent })
    }

    /// Whether the other is this unit or lies below it.
    public func contains(_ other: OrgPath) -> Bool {
        self == .root || other == self || other.text.hasPrefix(text + "/")
    }
}

extension OrgPath: Comparable, CustomStringConvertible {
    public var description: String { text }

    public static func < (left: OrgPath, right: OrgPath) -> Bool { left.text.precedesInBytes(right.text) }
}

/// What a name that people type may be made of.
enum Name {
    static let maximumLength = 63

    static func isValid(_ text: some StringProtocol) -> Bool {
        let utf8 = text.utf8
        guard (1...maximumLength).contains(utf8.count), text != ".", text != ".." else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}

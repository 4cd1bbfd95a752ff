import Foundation
import SyncCore
import SyncStore

/// The last position that a store is known to have had on disk, kept in a file beside it: a store that is older has lost
/// something that was acknowledged.
///
/// It is written after what it tells of, so it is never ahead of the store; it may lag by a second. One that cannot be read
/// tells nothing.
struct Witness: Hashable, Sendable {
    let head: Head
    /// The hash of the entry there; nil at 0.
    let leaf: Digest?
    /// Something else wrote to the store while it was open: it must be looked at whole before it is trusted again.
    var isDoubted = false

    private static let doubted = "doubted"

    init(_ reader: SQLiteReader) throws(StoreError) {
        head = try reader.head()
        leaf = head.seq == 0 ? nil : try reader.leaves(after: head.seq - 1, limit: 1).first
    }

    init?(of store: String) {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: Self.path(of: store))) else { return nil }
        let words = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard (3...4).contains(words.count), let epoch = UInt64(words[0]), let seq = Seq(words[1]),
            let leaf = Hex.bytes(of: String(words[2])).flatMap({ Digest(bytes: $0) })
        else { return nil }
        (head, self.leaf) = (Head(epoch: epoch, seq: seq), leaf)
        isDoubted = words.count == 4 && words[3] == Self.doubted
    }

    static func path(of store: String) -> String { store + ".head" }

    func write(beside store: String) throws {
        guard let leaf else { return }
        let line = "\(head.epoch) \(head.seq) \(leaf)\(isDoubted ? " " + Self.doubted : "")\n"
        try SQLiteStore.replace(Self.path(of: store), by: Data(line.utf8))
    }

    /// Whether a store has all that this tells of, as it was, or is a later incarnation.
    func isIn(_ reader: SQLiteReader) throws(StoreError) -> Bool {
        let found = try reader.head()
        guard found.epoch == head.epoch else { return found.epoch > head.epoch }
        guard found.seq >= head.seq else { return false }
        return try reader.leaves(after: head.seq - 1, limit: 1).first == leaf
    }
}

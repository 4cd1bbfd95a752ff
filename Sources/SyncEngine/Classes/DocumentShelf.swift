import Collections
import SyncCore

/// What turns one document into another, as it is sent: made once and shared by everybody who holds the first.
public final class DeltaDocument: Sendable {
    public let from: Digest
    public let to: Digest
    /// Canonical.
    public let bytes: [UInt8]

    /// Nil where it would save less than half of the document, or where the document is less once it is compressed: that is
    /// how nearly all devices take it.
    init?(from: Document, to: Document, catalog: Catalog) {
        guard let old = from.settings, let new = to.settings else { return nil }
        let bytes = CanonicalWriter.bytes(of: Delta(from: old, to: new, catalog: catalog).json)
        guard bytes.count * 2 < to.bytes.count, bytes.count < to.packed?.bytes.count ?? .max else { return nil }
        self.from = from.digest
        self.to = to.digest
        self.bytes = bytes
    }
}

extension Document {
    fileprivate var settings: [String: JSONValue]? { (try? JSONReader.read(bytes, within: .stored))?.object }
}

/// The latest documents by digest, within a limit of bytes, and deltas between them.
///
/// Apart from classes: what a device holds may be a document of a class that it has left.
struct DocumentShelf {
    /// Whether a delta is worth it; unmade until somebody asks.
    enum Entry {
        case made(DeltaDocument)
        case notWorthIt
    }

    struct Pair: Hashable {
        let from: Digest
        let to: Digest
    }

    private var documents: [Digest: Document] = [:]
    private var order: Deque<Digest> = []
    private var bytes = 0
    private var deltas: [Pair: Entry] = [:]

    subscript(digest: Digest) -> Document? { documents[digest] }

    mutating func keep(_ document: Document) {
        guard documents.updateValue(document, forKey: document.digest) == nil else { return }
        order.append(document.digest)
        bytes += document.bytes.count
        while bytes > Limits.documentShelfBytes, order.count > 1, let oldest = order.popFirst() {
            bytes -= documents.removeValue(forKey: oldest)?.bytes.count ?? 0
        }
    }

    func delta(_ pair: Pair) -> Entry? { deltas[pair] }

    mutating func keep(_ delta: DeltaDocument?, of pair: Pair) {
        // Few pairs are ever asked for at once: what devices held before a push, and what it made.
        if deltas.count >= Limits.deltasKept { deltas.removeAll() }
        deltas[pair] = delta.map(Entry.made) ?? .notWorthIt
    }
}

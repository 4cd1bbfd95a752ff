import SyncCore

/// Something in a store that is not what was written.
enum StoreDamage {
    /// Beside the rows, as SQLite words it.
    case file(String)
    /// The header of a transaction: who wrote it, when and why.
    case header(id: Int64, firstSeq: Seq)
    /// An entry that cannot be read, is not what its leaf is of, or is missing.
    case entry(seq: Seq, transaction: Int64, leaf: Digest, words: String)
    /// A row that stands for itself.
    case row(table: String, id: Int64, words: String)
    /// The state at the floor.
    case state(floor: Seq)

    var isOfHeader: Bool {
        if case .header = self { true } else { false }
    }

    var sentence: String {
        switch self {
        case .file(let what): "the file: \(what)"
        case .header(let id, let firstSeq): "the header of the transaction \(id), from entry \(firstSeq) on"
        case .entry(let seq, _, _, let words): "entry \(seq): \(words)"
        case .row(_, _, let words): words
        case .state(let floor): "the state at the floor \(floor)"
        }
    }
}

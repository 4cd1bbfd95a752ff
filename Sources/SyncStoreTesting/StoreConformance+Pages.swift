import SyncCore
import SyncStore

extension StoreConformance {
    /// Pages of any size, one after the other, are the log: nothing twice, nothing left out, each part under its header.
    func pages(_ store: any Store) async throws -> [String] {
        let sizes = [3, 1, 40, 2, 1]
        var first: Seq = 1
        var written: [Transaction] = []
        for (index, entries) in sizes.enumerated() {
            written.append(Samples.transaction(firstSeq: first, entries: entries, intent: "page-\(index)"))
            first += Seq(entries)
        }
        try await store.append(written + [Samples.transaction(firstSeq: first, entries: 0, intent: "nothing")])
        var problems: [String] = []
        for bound in [(1, Int.max), (7, .max), (1_000, .max), (1_000, 1), (1_000, 150), (5, 150)] {
            let bound = PageBound(entries: bound.0, bytes: bound.1)
            var parts: [TransactionPart] = []
            var after: Seq = 0
            while true {
                let place = after
                let page = try await store.read { try $0.entries(after: place, atMost: bound) }
                guard let last = page.last?.entries.last?.seq else { break }
                let count = page.reduce(0) { $0 + $1.entries.count }
                if count > bound.entries { problems.append("\(bound): a page of \(count)") }
                let size = page.flatMap(\.entries).compactMap(\.value).reduce(0) {
                    $0 + CanonicalWriter.bytes(of: $1).count
                }
                if size > bound.bytes, count > 1 { problems.append("\(bound): a page of \(size) bytes") }
                parts += page
                after = last
            }
            if parts.flatMap(\.entries) != written.flatMap(\.entries) { problems.append("\(bound): not the log") }
            for part in parts {
                let whole = written.first { $0.firstSeq == part.firstSeq }
                if whole?.header != part.header || whole?.lastSeq != part.lastSeq {
                    problems.append("\(bound): \(part.firstSeq) to \(part.lastSeq) is not what was written")
                }
            }
        }
        return problems
    }
}

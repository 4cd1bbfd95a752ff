import Foundation
import GRDB
import SyncCore
import SyncStore

/// Columns of a row whose file may be damaged: another type or a negative position is an error of whoever reads the row.
///
/// GRDB's subscript ends the process on a column that it cannot convert.
extension Row {
    func integer(_ index: Int) throws(StoreError) -> Int64 { try column(index) }

    /// A position, a number or an identity: never negative.
    func natural(_ index: Int) throws(StoreError) -> UInt64 {
        guard let number = UInt64(exactly: try integer(index)) else { throw damaged(index) }
        return number
    }

    func text(_ index: Int) throws(StoreError) -> String { try column(index) }

    func bytes(_ index: Int) throws(StoreError) -> [UInt8] { Array(try column(index) as Data) }

    func digest(_ index: Int) throws(StoreError) -> Digest {
        guard let digest = try digestIfPresent(index) else { throw damaged(index) }
        return digest
    }

    func naturalIfPresent(_ index: Int) throws(StoreError) -> UInt64? {
        try ifPresent(index) { row, index throws(StoreError) in try row.natural(index) }
    }

    func textIfPresent(_ index: Int) throws(StoreError) -> String? {
        try ifPresent(index) { row, index throws(StoreError) in try row.text(index) }
    }

    func bytesIfPresent(_ index: Int) throws(StoreError) -> [UInt8]? {
        try ifPresent(index) { row, index throws(StoreError) in try row.bytes(index) }
    }

    func digestIfPresent(_ index: Int) throws(StoreError) -> Digest? {
        guard let bytes = try bytesIfPresent(index) else { return nil }
        guard let digest = Digest(bytes: bytes) else { throw damaged(index) }
        return digest
    }

    private func ifPresent<T>(
        _ index: Int, _ read: (Row, Int) throws(StoreError) -> T
    ) throws(StoreError) -> T? {
        hasNull(atIndex: index) ? nil : try read(self, index)
    }

    private func column<T: DatabaseValueConvertible & StatementColumnConvertible>(
        _ index: Int
    ) throws(StoreError) -> T {
        do {
            return try decode(T.self, atIndex: index)
        } catch {
            throw damaged(index)
        }
    }

    private func damaged(_ index: Int) -> StoreError { .unreadable("the \(Array(columnNames)[index]) of a row") }
}

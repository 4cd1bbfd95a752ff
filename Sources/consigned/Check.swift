import ArgumentParser
import Foundation
import SyncStore
import SyncStoreSQLite

/// `consigned check`: whether a store or a backup is what was written.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at everything in a store or a backup: whether it is what was written.",
        discussion: """
            Every entry of the log is held against its hash; what the file has beside the log, against its form. Nothing is \
            written, and a server may have the store meanwhile. Exits with 74 where anything is damaged: `consigned repair` \
            makes a copy without it, or go back to a backup.
            """)

    /// A terminal is no place for more.
    private static let mostLines = 100

    @OptionGroup var location: StoreLocation

    func run() async throws {
        let path = try location.path
        do {
            let found = try SQLiteStore.check(path)
            print("\(path): \(found.summary)")
            for line in found.damage.prefix(Self.mostLines) { print("  \(line)") }
            if found.damage.count > Self.mostLines { print("  and \(found.damage.count - Self.mostLines) more") }
            guard found.damage.isEmpty else { throw ExitCodes.storeUnusable }
        } catch let error as StoreError {
            complain("consigned check: \(error.sentence)")
            throw ExitCodes.storeUnusable
        }
    }
}

extension StoreCheck {
    var summary: String {
        var parts = ["the log up to \(head.epoch).\(head.seq)"]
        if floor > 0 { parts.append("kept from \(floor + 1) on") }
        parts.append("\(verified) entries are what was written")
        if leftOut > 0 { parts.append("\(leftOut) were left out by a repair") }
        if unverifiable > 0 { parts.append("\(unverifiable) are of an incarnation that was not written down") }
        parts.append(damage.isEmpty ? "nothing is damaged" : "\(damage.count) things are damaged:")
        return parts.joined(separator: "; ")
    }
}

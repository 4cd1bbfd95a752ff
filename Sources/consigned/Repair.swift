import ArgumentParser
import Foundation
import SyncCore
import SyncEngine
import SyncStore
import SyncStoreSQLite

/// `consigned repair`: a store without what cannot be read in it.
struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy a store without what is damaged in it, and say what that is.",
        discussion: """
            A server starts on a store with unreadable entries or lines of state too, and says which they are; it then \
            makes no image and \
            forgets nothing. The copy is a new incarnation of the log, as after a restore: every device states what it \
            has. What is left out must be done again by people. Where nothing is damaged no copy is made.
            """)

    @OptionGroup var location: StoreLocation
    @Option(help: ArgumentHelp("The file to make.", valueName: "file")) var to: String

    func run() async throws {
        let path = try location.path
        do {
            let catalog = try Catalog.embedded()
            let repair = try SQLiteStore.repair(path, to: to, now: UInt64(Date().timeIntervalSince1970)) {
                FloorState.repaired($0, at: $1, catalog: catalog)
            }
            guard let repair else {
                print("\(path): nothing is damaged; no copy was made")
                return
            }
            print("\(to): the log up to \(repair.head.seq), now of epoch \(repair.head.epoch), without:")
            for line in repair.dropped { print("  \(line)") }
        } catch let error as StoreError {
            complain("consigned repair: \(error.sentence)")
            throw ExitCodes.cannotCreate
        }
    }
}

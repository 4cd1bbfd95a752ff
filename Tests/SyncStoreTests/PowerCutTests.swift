import CPowerCut
import Foundation
import SyncCore
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// The power goes at any moment of a recorded load, or a write fails: what was acknowledged is there, whole, and nothing of
/// what was not begun.
///
/// Every write and sync of the real store is recorded on its way to the disk. For each cut the files are made anew as a disk
/// may leave them: synced bytes are there, of the others any sectors, some torn.
@Suite(.serialized) struct PowerCutTests {
    /// The file as it was before, and the state after each step, whose number the marks name.
    private struct Recording {
        let beginning: [UInt8]
        var states = [StoreLoad.State()]
        var transactions: [Transaction] = []
    }

    @Test func `2,000 power cuts lose nothing that was acknowledged`() async throws {
        var generator = SeededGenerator(for: "2,000 power cuts")
        for _ in 0..<8 {
            let recording = try await record(steps: 90, &generator)
            let lost = try await cuts(250, of: recording, ignoringOneSyncIn: 0, &generator)
            #expect(lost == nil)
        }
    }

    /// A test of the test: a disk that says of some writes that they are durable and forgets them must be found out.
    @Test func `a disk that ignores one sync in fifty loses something and is found out`() async throws {
        var generator = SeededGenerator(for: "a disk that ignores syncs")
        var lost: String?
        for _ in 0..<20 where lost == nil {
            let recording = try await record(steps: 90, &generator)
            lost = try await cuts(60, of: recording, ignoringOneSyncIn: 50, &generator)
        }
        #expect(lost != nil)
    }

    @Test func `whichever write or sync fails, nothing that was acknowledged is lost`() async throws {
        var generator = SeededGenerator(for: "whichever write or sync fails")
        // SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_FULL.
        for code in [778, 1_034, 13] as [Int32] {
            var number = 1
            while try await fail(at: number, code: code, &generator) {
                number += Int.random(in: 1...3, using: &generator)
            }
            #expect(number > 60, "few operations failed: \(number) of code \(code)")
        }
    }

    /// Plays a load of which one write or sync fails.
    ///
    /// - Returns: false when the load has fewer.
    private func fail(at number: Int, code: Int32, _ generator: inout SeededGenerator) async throws -> Bool {
        let (folder, path) = try newStore()
        defer { powercut_end() }
        powercut_begin(path)
        let store = try SQLiteStore(path: path)
        powercut_fail(number, .max / 2, code)
        var load = StoreLoad()
        var error: StoreError?
        for _ in 0..<40 where error == nil {
            do {
                try await load.step(store, &generator)
            } catch let failure as StoreError {
                error = failure
            }
        }
        let wasReached = powercut_operations() >= number
        powercut_fail(0, 0, 0)
        switch error {
        case .full?:
            // Nothing was written, and there is room again.
            let problem = try await StoreLoad.problem(
                of: store, allowed: [load.state], transactions: load.transactions)
            #expect(problem == nil, "code \(code), operation \(number)")
            load.forgetStep()
            try await load.step(store, &generator)
        case .failed(let reason)?:
            var commit = Commit(after: Head(epoch: 1, seq: 0))
            commit.seen = [Seen(DeviceID(seq: 9), enrolment: 1, at: 1)]
            await #expect(throws: StoreError.failed(reason), "a store of which it is unknown what is on disk writes on")
            {
                try await store.commit(commit)
            }
        default: #expect(error == nil, "code \(code), operation \(number)")
        }
        try? store.close()
        let again = try SQLiteStore(path: path)
        let problem = try await StoreLoad.problem(
            of: again, allowed: [load.state, load.attempted], transactions: load.transactions)
        #expect(problem == nil, "code \(code), operation \(number)")
        try again.close()
        return wasReached && folder.path("") != ""
    }

    private func newStore() throws -> (folder: TemporaryFolder, path: String) {
        powercut_install()
        let folder = try TemporaryFolder(inMemory: true)
        let path = folder.path("a.sqlite")
        try SQLiteStore.create(at: path, epoch: 1)
        try SQLiteStore(path: path).close()
        return (folder, path)
    }

    private func record(steps: Int, _ generator: inout SeededGenerator) async throws -> Recording {
        let (folder, path) = try newStore()
        var recording = Recording(beginning: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        powercut_begin(path)
        defer { powercut_end() }
        let store = try SQLiteStore(path: path)
        powercut_mark(0)
        var load = StoreLoad()
        for step in 1...steps {
            try await load.step(store, &generator)
            recording.states.append(load.state)
            powercut_mark(Int64(step))
        }
        recording.transactions = load.transactions
        powercut_end()
        try store.close()
        _ = folder
        return recording
    }

    /// - Returns: what was wrong after a cut, the first one; nil for nothing.
    private func cuts(
        _ count: Int, of recording: Recording, ignoringOneSyncIn ignored: Int, _ generator: inout SeededGenerator
    ) async throws -> String? {
        let total = RecordedDisk.eventCount
        let moments = (0..<count).map { _ in Int.random(in: 0...total, using: &generator) }.sorted()
        var disk = RecordedDisk(recording.beginning, ignoringOneSyncIn: ignored)
        for moment in moments {
            disk.replay(to: moment)
            let folder = try TemporaryFolder(inMemory: true)
            let path = folder.path("b.sqlite")
            try Data(disk.files[0].cut(&generator)).write(to: URL(fileURLWithPath: path))
            try Data(disk.files[1].cut(&generator)).write(to: URL(fileURLWithPath: path + "-wal"))
            let step = disk.mark ?? 0
            let allowed = Array(recording.states[step..<min(step + 2, recording.states.count)])
            do {
                let store = try SQLiteStore(path: path)
                defer { try? store.close() }
                let problem = try await StoreLoad.problem(
                    of: store, allowed: allowed, transactions: recording.transactions)
                if let problem { return "event \(moment): \(problem)" }
            } catch {
                return "event \(moment): \(error)"
            }
        }
        return nil
    }
}

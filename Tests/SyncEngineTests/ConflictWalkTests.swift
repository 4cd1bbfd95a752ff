import Foundation
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// Several operators edit shared policies from what each of them last saw, step by step against a naive model.
///
/// `CONSIGNE_SEQUENCES=n` walks so many sequences on each store.
@Suite struct ConflictWalkTests {
    /// Sequences that share a log; each has a policy of its own.
    private static let sequencesPerLog = 50

    @Test func `nothing is lost and nothing silent, on every store`() async throws {
        let stated = ProcessInfo.processInfo.environment["CONSIGNE_SEQUENCES"].flatMap { Int($0) }
        var generator = SeededGenerator(for: "nothing is lost and nothing silent")
        for kind in ["memory", "sqlite"] {
            let folder = try TemporaryFolder()
            let logs = max(1, (stated ?? (kind == "memory" ? 400 : 100)) / Self.sequencesPerLog)
            for log in 0..<logs {
                let path = folder.path("\(log).sqlite")
                if kind == "sqlite" { try SQLiteStore.create(at: path, epoch: 1) }
                let store: any Store = kind == "sqlite" ? try SQLiteStore(path: path) : MemoryStore(epoch: 1)
                try await walk(store, seed: generator.next())
            }
        }
    }

    /// The second half of every sequence goes on from the store, whose beginning is forgotten by then.
    private func walk(_ store: any Store, seed: UInt64) async throws {
        let clock = TestClock(Bench.now)
        var generator = SeededGenerator(seed: seed)
        var walks: [ConflictWalk] = []
        for half in 0..<2 {
            try await Bench.with(store, clock: clock) { bench in
                for sequence in 0..<Self.sequencesPerLog {
                    if half == 0 { walks.append(try ConflictWalk(bench, sequence)) }
                    walks[sequence].bench = bench
                    for _ in 0..<6 { try await walks[sequence].step(using: &generator) }
                }
            }
        }
    }
}

/// One sequence: a policy, four operators, and what each last saw.
private struct ConflictWalk {
    var bench: Bench
    private let policy: PolicyReference
    private let sequence: Int
    private var model: NaivePolicy
    private var seen: [Seq] = [0, 0, 0, 0]
    private var steps = 0

    private static let keys = ["cameraAccess", "frpAdminEmails", "maximumTimeToLock", "permissionGrants"]

    init(_ bench: Bench, _ sequence: Int) throws {
        self.bench = bench
        self.sequence = sequence
        policy = try #require(PolicyReference("/g:s\(sequence)"))
        model = NaivePolicy(catalog: try Catalog.embedded())
    }

    mutating func step(using generator: inout SeededGenerator) async throws {
        steps += 1
        bench.clock.advance(milliseconds: 1_000)
        if Int.random(in: 0..<8, using: &generator) == 0 {
            let steps = Int64.random(in: 0...8, using: &generator)
            _ = try await bench.engine.compact(before: bench.clock.now - steps * 1_000)
        }
        let author = Int.random(in: 0..<4, using: &generator)
        if Int.random(in: 0..<3, using: &generator) == 0 { seen[author] = bench.engine.snapshot.world.seq }
        let open = Self.keys.filter { !model.siblings(of: $0).isEmpty }
        if let key = open.randomElement(using: &generator), Int.random(in: 0..<4, using: &generator) == 0 {
            try await settle(key, by: author, using: &generator)
        } else {
            try await put(by: author, using: &generator)
        }
        expectTheSame()
    }

    private mutating func put(by author: Int, using generator: inout SeededGenerator) async throws {
        var wanted = model.values(at: seen[author])
        for key in Self.keys where Int.random(in: 0..<3, using: &generator) == 0 {
            wanted[key] = value(of: key, using: &generator)
        }
        let mode = [.strict, .strict, .merge, .force].randomElement(using: &generator) ?? ConflictMode.strict
        let body = JSONValue.object([
            "settings": .object(wanted.mapValues(\.value)),
            "enforced": .array(wanted.filter(\.value.isEnforced).keys.sorted().map(JSONValue.string)),
        ])
        let isNew = bench.engine.snapshot.world.policy(policy) == nil
        let head = bench.engine.snapshot.world.seq + (isNew ? 1 : 0)
        let before = model
        let floor = bench.engine.floor?.seq ?? 0
        let conflicts = model.put(wanted, base: seen[author], mode: mode, head: head, floor: floor)
        switch await change(.putPolicy(policy, body, base: seen[author]), mode) {
        case .success(let receipt):
            #expect(conflicts.isEmpty, "sequence \(sequence), step \(steps): \(conflicts) should conflict")
            // Whoever wrote has read what became of it.
            if receipt.changedAnything { seen[author] = receipt.transaction.lastSeq }
        case .failure(.conflicting(let found)):
            #expect(found.map(\.key) == conflicts, "sequence \(sequence), step \(steps)")
            for conflict in found {
                let unseen = before.lastUnseen(of: conflict.key, base: seen[author])
                #expect(conflict.yours == wanted[conflict.key] && conflict.theirs == unseen?.value)
                #expect(conflict.written.seq == unseen?.seq && conflict.written.seq > conflict.base)
                let isForgotten = before.isForgotten(conflict.key, base: seen[author], floor: floor)
                #expect(conflict.isForgotten == isForgotten)
                #expect(conflict.seen == (isForgotten ? nil : before.value(of: conflict.key, at: seen[author])))
            }
        case .failure(let refusal): throw refusal
        }
    }

    private mutating func settle(
        _ key: String, by author: Int, using generator: inout SeededGenerator
    ) async throws {
        let isKept = Bool.random(using: &generator)
        let take: Seq? = isKept ? nil : model.siblings(of: key).randomElement(using: &generator)
        let head = bench.engine.snapshot.world.seq
        let isTaken = model.settle(key, take: take, base: seen[author], head: head)
        switch await change(.settle(policy, key: key, take: take, base: seen[author]), .strict) {
        case .success: #expect(isTaken, "sequence \(sequence), step \(steps): settled without having seen it")
        case .failure(.conflicting(let found)):
            #expect(!isTaken && found.map(\.key) == [key], "sequence \(sequence), step \(steps)")
        case .failure(let refusal): throw refusal
        }
    }

    private func change(_ edit: Edit, _ mode: ConflictMode) async -> Result<Receipt, Refusal> {
        let changeSet = ChangeSet(
            intent: "\(sequence)/\(steps)", reason: mode == .force ? "because" : nil, mode: mode, edits: [edit],
            request: Digest(hashing: []))
        do throws(Refusal) {
            return .success(try await bench.engine.apply(changeSet, by: bench.admin))
        } catch {
            return .failure(error)
        }
    }

    private func expectTheSame() {
        let found = bench.engine.snapshot.world.policy(policy)
        let place: Comment = "sequence \(sequence), step \(steps)"
        #expect((found?.values ?? [:]) == model.values(), place)
        for key in Self.keys {
            let siblings = found?.settings[key]?.siblings ?? []
            #expect(siblings.map(\.stamp.seq) == model.siblings(of: key), place)
            for sibling in siblings {
                #expect(sibling.value == model.writes.first { $0.seq == sibling.stamp.seq }?.value, place)
            }
        }
    }

    private func value(of key: String, using generator: inout SeededGenerator) -> SettingValue? {
        guard Int.random(in: 0..<6, using: &generator) > 0, let setting = model.catalog.settings[key] else {
            return nil
        }
        let raw = JSONValue.object([key: RandomValue.of(setting.type, using: &generator)])
        let value = try? PolicyReader.read(values: raw, enforced: .array([]), catalog: model.catalog).body.values[key]
        return value.map { SettingValue($0, isEnforced: Int.random(in: 0..<4, using: &generator) == 0) }
    }
}

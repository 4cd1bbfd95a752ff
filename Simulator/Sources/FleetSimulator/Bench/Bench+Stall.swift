import Foundation
import NIOCore
import SyncClient
import SyncCore
import SyncProtocol
import Synchronization

extension Bench {
    /// What operators make a server do at once.
    private enum Burden {
        static let edits = 20_000
        static let plans = 100
        static let rounds = 3
        /// Times that a plan is asked for again, four a second.
        static let patience = 1_200
    }

    /// Milliseconds that 99 of 100 reports of one device wait at most, while operators change 20,000 devices at a time, ask
    /// for 100 plans at once and have every class of 126,000 devices resolved.
    func writerStall() async throws -> Row {
        try await compared("writer-stall", unit: "milliseconds", limit: 50, ratio: 0.5) { binaries in
            let (server, client) = try ServerProcess.consigned(beside: binaries, options: Self.atOnce)
            defer { server.stop() }
            say("writer-stall: enrolling 126,000 handsets")
            let stage = try await settledStage(126_000, server, client, threads: 2)
            try await stage.pushToEachUnit()
            let devices = try await devices(Burden.edits, client)
            let handsets = try await stage.driver.settled()
            try await stage.driver.stop()
            let times = Mutex<[UInt64]>([])
            let load = Load(threads: 1, status: 200)
            let report = CheckInLoad(Array(handsets.prefix(1)), server.ports[0]).reports(1)
            try await load.connect(
                port: server.ports[0],
                report.map { next in
                    { turn in
                        times.withLock { $0.append(DispatchTime.now().uptimeNanoseconds) }
                        return next(turn)
                    }
                })
            load.start()
            for round in 0..<Burden.rounds {
                do {
                    try await Self.burden(round, devices, client)
                } catch {
                    guard binaries == other else { throw error }
                    say("writer-stall: the other build gave up a round: \(error)")
                }
            }
            try await load.stop()
            let moments = times.withLock { $0 } + [DispatchTime.now().uptimeNanoseconds]
            return Self.percentile99(zip(moments, moments.dropFirst()).map { Double($1 - $0) / 1e6 })
        }
    }

    /// Milliseconds that 99 of 100 reports would wait at most that fall due at any moment: a report that falls due within
    /// a gap waits for the gap's end. The gaps of a closed loop alone would count a stall of seconds as one of thousands.
    static func percentile99(_ gaps: [Double]) -> Double {
        let late = gaps.reduce(0, +) / 100
        var (sum, wait) = (0.0, 0.0)
        for (index, gap) in gaps.sorted(by: >).enumerated() {
            guard gap > wait else { break }
            sum += gap
            wait = max(0, (sum - late) / Double(index + 1))
        }
        return wait
    }

    func devices(_ count: Int, _ client: OperatorClient) async throws -> [DeviceID] {
        var (devices, after): ([DeviceID], String?) = ([], nil)
        repeat {
            let query = [("limit", "1000"), ("state", "enrolled")] + (after.map { [("after", $0)] } ?? [])
            let page = try await client.get("/v1/devices", query)
            devices += (page["devices"]?.array ?? []).compactMap { $0["device"]?.string.flatMap { DeviceID($0) } }
            after = page["next"]?.string
        } while devices.count < count && after != nil
        return Array(devices.prefix(count))
    }

    /// All at once: the tags of the devices change, plans are asked for, and after an edit for everybody the fleet's status.
    private static func burden(_ round: Int, _ devices: [DeviceID], _ client: OperatorClient) async throws {
        let (tag, policy) = (try Self.tag("burdened"), try Self.policy("burden-\(round)"))
        let isAdded = round.isMultiple(of: 2)
        let tags = devices.map { Edit.tag($0, add: isAdded ? [tag] : [], remove: isAdded ? [] : [tag]) }
        let body = JSONValue.object(["maximumTimeToLock": .integer(Int64(30_000 - round))])
        let push = [Edit.putPolicy(policy, body), .bind(policy, .unit(.root), nil)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await client.change(ChangeRequest(intent: "burden-tags-\(round)", edits: tags)) }
            group.addTask {
                _ = try await client.change(ChangeRequest(intent: "burden-push-\(round)", edits: push))
                _ = try? await client.get("/v1/status", [])
            }
            for plan in 0..<Burden.plans {
                group.addTask {
                    try await Self.plan(ChangeRequest(intent: "burden-plan-\(round)-\(plan)", edits: push), client)
                }
            }
            try await group.waitForAll()
        }
    }

    /// A plan that is turned away, so that the others are spared, is asked for again until it is made.
    private static func plan(_ request: ChangeRequest, _ client: OperatorClient) async throws {
        for _ in 0..<Burden.patience {
            do {
                _ = try await client.plan(request)
                return
            } catch {
                guard case .refused(let refusal) = error, refusal.status == 503 || refusal.status == 429 else {
                    throw error
                }
                try await ContinuousClock().sleep(for: .milliseconds(250))
            }
        }
        throw BenchFailure.tooSlow("plan")
    }

    static func tag(_ name: String) throws -> Tag {
        guard let tag = Tag(name) else { throw BenchFailure.notSettled("a tag named \(name)") }
        return tag
    }

    private static func policy(_ name: String) throws -> PolicyReference {
        guard let policy = PolicyReference(owner: .root, name: name) else {
            throw BenchFailure.notSettled("a policy named \(name)")
        }
        return policy
    }
}

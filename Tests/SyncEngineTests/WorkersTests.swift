import Dispatch
import SyncCore
import SyncStore
import Synchronization
import Testing

@testable import SyncEngine

/// What takes long runs on threads of its own, and no more of it waits than may.
@Suite(.timeLimit(.minutes(1))) struct WorkersTests {
    @Test func `so many run at once, so many more wait, and the rest is turned away`() {
        let workers = Workers("test", threads: 2, waiting: 3)
        let (begun, held, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchGroup())
        func submit() -> Bool {
            done.enter()
            let isTaken = workers.submit {
                begun.signal()
                held.wait()
                done.leave()
            }
            if !isTaken { done.leave() }
            return isTaken
        }
        #expect((0..<2).allSatisfy { _ in submit() })
        for _ in 0..<2 { begun.wait() }
        #expect((0..<5).map { _ in submit() } == [true, true, true, false, false])
        for _ in 0..<5 { held.signal() }
        done.wait()
        #expect(submit(), "whoever turned up later is taken again")
        held.signal()
        done.wait()
    }

    @Test func `work that nobody may wait for is refused as overloaded`() async throws {
        let workers = Workers("test", threads: 1, waiting: 0)
        let (begun, held) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        #expect(
            workers.submit {
                begun.signal()
                held.wait()
            })
        begun.wait()
        await #expect(throws: Refusal.overloaded) { try await workers.run { () throws(Refusal) in 1 } }
        held.signal()
    }

    /// With one more class than there are cores or resolvers.
    @Test func `a commit waits for no class that is being resolved`() async throws {
        let held = DispatchSemaphore(value: 0)
        let resolved = DispatchGroup()
        let pack: PackedBytes.Packer = { _ in
            held.wait()
            return nil
        }
        try await Bench.with(pack: pack) { bench in
            let count = 8
            try await bench.change([.provision((0..<count).map { bench.row($0, "/g") })])
            var devices: [Device] = []
            for number in 0..<count { devices.append(try await bench.enrol(number, credential: number)) }
            let edits = try devices.flatMap { device -> [Edit] in
                let policy = try #require(PolicyReference("/g:\(device.id)"))
                return [
                    .putPolicy(policy, .object(["maximumTimeToLock": .integer(Int64(device.id.seq))])),
                    .bind(policy, .device(device.id), nil),
                ]
            }
            try await bench.change(edits)
            let snapshot = bench.engine.snapshot
            for device in devices {
                guard case .unresolved(let version) = bench.engine.standing(of: device, in: snapshot) else { continue }
                resolved.enter()
                bench.engine.whenResolved(version, in: snapshot) { _ in resolved.leave() }
            }
            let before = bench.engine.snapshot.world.seq
            try await bench.change([.tag(devices[0].id, add: [], remove: []), .createUnit(try bench.path("/g/new"))])
            #expect(bench.engine.snapshot.world.seq > before)
            for _ in 0..<count { held.signal() }
            await withCheckedContinuation { continuation in resolved.notify(queue: .global()) { continuation.resume() }
            }
            #expect(bench.engine.documents.sizes.documents == count)
        }
    }
}

import SyncCore
import SyncStore
import SyncStoreTesting
import Synchronization
import TestSupport
import Testing

@testable import SyncEngine

/// Lists of devices, a page at a time.
@Suite(.timeLimit(.minutes(1))) struct PageTests {
    private static let units = ["/g/north", "/g", "/g/south", "/p", "/p/east", "/g/empty"]

    private static func with(_ body: @escaping (Bench) async throws -> Void) async throws {
        try await Bench.with { bench in
            try await bench.change([
                .createUnit(try bench.path("/g/north")), .createUnit(try bench.path("/g/south")),
                .createUnit(try bench.path("/p/east")), .createUnit(try bench.path("/g/empty")),
            ])
            let homes = units.dropLast()
            try await bench.change([.provision((0..<700).map { bench.row($0, homes[$0 * $0 % homes.count]) })])
            let movers = bench.engine.snapshot.world.devices.keys.sorted().prefix(100).enumerated()
            try await bench.change(
                movers.filter { $0.offset.isMultiple(of: 7) }.compactMap { mover in
                    let unit = bench.engine.snapshot.world.devices[mover.element]?.unit
                    return try unit?.agency?.text == "/g" ? .move(mover.element, to: bench.path("/g/south")) : nil
                })
            try await body(bench)
        }
    }

    @Test func `pages one after the other list each device of a unit once, in order`() async throws {
        try await Self.with { bench in
            let all = bench.engine.snapshot.world.devices.values
            for unit in try (["/"] + Self.units).map(bench.path) {
                for (limit, odd) in [(1_000, false), (64, false), (7, true), (256, false)] {
                    let expected = all.filter { unit.contains($0.unit) && (!odd || $0.id.seq % 2 == 1) }.map(\.id)
                        .sorted()
                    var (found, last): ([DeviceID], DeviceID?) = ([], nil)
                    repeat {
                        let after = last
                        let page = try await bench.engine.devices(
                            under: unit, after: after, limit: limit, isCounted: true
                        ) { device, _ in !odd || device.id.seq % 2 == 1 }
                        #expect(page.rows.count <= limit && page.total == expected.count - found.count)
                        found += page.rows.map(\.device.id)
                        last = page.next
                        #expect(last == nil || last == found.last)
                    } while last != nil
                    #expect(found == expected, "\(unit) by \(limit)")
                }
            }
        }
    }

    @Test func `a page looks at no more devices than it needs, and a unit without devices at none`() async throws {
        try await Self.with { bench in
            let looked = Mutex(0)
            func look(_ unit: String, after id: DeviceID? = nil) async throws -> Int {
                looked.withLock { $0 = 0 }
                let page = try await bench.engine.devices(
                    under: try bench.path(unit), after: id, limit: 10
                ) { _, _ in
                    looked.withLock { $0 += 1 }
                    return true
                }
                #expect(page.total == nil)
                return looked.withLock { $0 }
            }
            let middle = bench.engine.snapshot.world.devices.keys.sorted()[500]
            let counts = [
                try await look("/"), try await look("/", after: middle), try await look("/g/north"),
                try await look("/g/empty"),
            ]
            #expect(counts == [11, 11, 11, 0])
        }
    }
}

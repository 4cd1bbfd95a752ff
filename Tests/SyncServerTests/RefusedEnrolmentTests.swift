import SyncCore
import SyncEngine
import TestSupport
import Testing

@testable import SyncServer

/// An enrolment that is refused leaves a trace where people look.
@Suite struct RefusedEnrolmentTests {
    @Test func `it is counted, and told with the terminal that it was for until that enrols`() async throws {
        try await TestServer.with { server in
            let unit = try #require(OrgPath("/g"))
            let token = TestDevice.secret("delivered", 1)
            let row = Provision(
                serial: "S1", model: "M", unit: unit, tags: [], tokenHash: Digest(hashing: Array(token.utf8)),
                expires: 4_000_000_000_000)
            try await server.change([.provision([row])])
            let id = try #require(server.engine.snapshot.world.device(serial: "S1", in: unit)?.id)
            let connection = try server.connection()
            let device = TestDevice(credential: TestDevice.secret("device", 1))
            #expect(try await device.enrol(token: token, serial: "S2", over: connection).status == 403)
            let refused = try #require(server.engine.refusals.last(of: id))
            #expect(Problem(refused.why).code == "serial-mismatch")
            #expect(await server.listener.load().warnings.contains { $0.kind == .enrolmentRefused && $0.count == 1 })

            #expect(try await device.enrol(token: token, serial: "S1", over: connection).status == 200)
            #expect(server.engine.refusals.last(of: id) == nil)
            // Somebody else names its serial number, with a token of his own.
            let other = TestDevice(credential: TestDevice.secret("device", 2))
            let answer = try await other.enrol(token: server.token, serial: "S1", over: connection)
            #expect(answer.status == 403)
            let again = try #require(server.engine.refusals.last(of: id))
            #expect(Problem(again.why).code == "serial-in-use")
        }
    }
}

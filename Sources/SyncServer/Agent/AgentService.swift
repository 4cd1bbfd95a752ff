import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore

/// The agent's routes without their transport: who asks, what he holds, what he gets.
struct AgentService: Sendable {
    let engine: Engine
    let logger: Logger
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// The device that a credential opens, as the current World knows it.
    func device(authorization: String?, in snapshot: Snapshot) -> Device? {
        guard let credential = Bearer.token(of: authorization) else { return nil }
        return snapshot.world.device(credentialHash: Digest(hashing: Array(credential.utf8)))
    }

    func current(_ snapshot: Snapshot, _ device: Device, _ document: Document) -> SyncDecision.Current {
        SyncDecision.Current(
            epoch: snapshot.world.epoch, seq: snapshot.world.seq, digest: document.digest, user: device.userRevision)
    }

    /// The digest that a device could not apply and still holds out against.
    func failed(_ device: Device) -> Digest? {
        let standing = engine.devices.standing(of: device.id)
        return standing?.enrolment == device.enrolment ? standing?.failed : nil
    }

    func saw(_ device: Device, _ have: Have?) {
        engine.devices.saw(device.id, enrolment: device.enrolment, have: have, at: now())
    }

    func alarm(_ device: Device, _ have: Have, _ snapshot: Snapshot) {
        logger.warning(
            "a device has verified a version this store does not have",
            metadata: [
                "device": "\(device.id)", "have": "\(have)", "epoch": "\(snapshot.world.epoch)",
                "seq": "\(snapshot.world.seq)",
            ])
    }

    /// A report in the form the store keeps.
    func stored(_ statement: Statement, of device: Device) -> StoredReport? {
        guard let report = statement.request.report, let said = statement.report else { return nil }
        return StoredReport(
            device: device.id, enrolment: device.enrolment, number: report.number,
            held: statement.request.have.digest, failed: report.failed?.digest, received: now(),
            body: CanonicalWriter.bytes(of: said))
    }
}

/// The one way to authenticate: `Authorization: Bearer TOKEN` (RFC 6750).
enum Bearer {
    static func token(of header: String?) -> Substring? {
        guard let header, header.utf8.count <= 7 + WireLimits.secretBytes.upperBound,
            header.prefix(7).lowercased() == "bearer "
        else { return nil }
        let token = header.dropFirst(7)
        return WireLimits.secretBytes.contains(token.utf8.count) ? token : nil
    }
}

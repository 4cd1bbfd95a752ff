import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore

/// The agent's routes without their transport: who asks, what he holds, what he gets; and what the loops share.
struct AgentService: Sendable {
    let engine: Engine
    let logger: Logger
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64
    let proxies: TrustedProxies
    let paces: DevicePaces
    let parked = ParkedDevices()
    let warnings = Warnings()

    init(
        engine: Engine, logger: Logger, settings: AgentSettings, proxies: TrustedProxies = TrustedProxies(),
        now: @escaping @Sendable () -> Int64
    ) {
        self.engine = engine
        self.logger = logger
        self.proxies = proxies
        self.now = now
        paces = DevicePaces(seconds: settings.devicePaceSeconds)
    }

    func current(_ snapshot: Snapshot, _ device: Device, _ document: Document) -> SyncDecision.Current {
        SyncDecision.Current(
            epoch: snapshot.world.epoch, seq: snapshot.world.seq, digest: document.digest, user: device.userRevision)
    }

    /// The digest that a device could not apply and still holds out against.
    func failed(_ device: Device) -> Digest? { engine.devices.failed(device.id, in: device.enrolment) }

    func saw(_ device: Device, _ have: Have?) {
        engine.devices.saw(device.id, enrolment: device.enrolment, have: have, at: now())
    }

    /// Says that a device is ahead, once an hour.
    func warnAhead(_ device: Device, _ have: Have, _ snapshot: Snapshot, from client: @autoclosure () -> String) {
        guard warnings.isDue(.ahead, about: device.id.seq, at: now()) else { return }
        logger.warning(
            "a device has verified a version this store does not have",
            metadata: [
                "device": "\(device.id)", "have": "\(have)", "epoch": "\(snapshot.world.epoch)",
                "seq": "\(snapshot.world.seq)", "client": "\(client())",
            ])
    }

    /// Says that a device writes more often than it may, once an hour.
    func warnTooOften(_ device: Device, from client: @autoclosure () -> String) {
        guard warnings.isDue(.tooOften, about: device.id.seq, at: now()) else { return }
        logger.warning(
            "a device writes more often than it may",
            metadata: ["device": "\(device.id)", "client": "\(client())"])
    }

    /// Says that connections are turned away, once an hour, with the one that was the first.
    func warnNoRoom(from peer: IPAddress?) {
        guard warnings.isDue(.noRoom, at: now()) else { return }
        logger.warning(
            "there is no room for more connections", metadata: ["peer": "\(peer?.description ?? "unknown")"])
    }

    /// Says that requests come without a credential, once an hour a peer: a proxy is one for all behind it.
    func warnCredentialMissing(from peer: IPAddress?, client: @autoclosure () -> String) {
        let subject = peer.map { $0.isV4 ? $0.low : $0.high } ?? 0
        guard warnings.isDue(.credentialMissing, about: subject, at: now()) else { return }
        logger.warning(
            "a request came without Authorization; does a proxy take it off?",
            metadata: ["peer": "\(peer?.description ?? "unknown")", "client": "\(client())"])
    }

    /// Says that an enrolment was refused, once an hour a token.
    func warnRefused(_ request: EnrolRequest, _ refusal: Refusal, from client: @autoclosure () -> String) {
        let token = Digest(hashing: Array(request.token.utf8))
        let subject = token.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        guard warnings.isDue(.enrolmentRefused, about: subject, at: now()) else { return }
        logger.warning(
            "an enrolment was refused",
            metadata: [
                "code": "\(Problem(refusal).code)", "token": "\(token.short)", "serial": "\(request.serial ?? "-")",
                "client": "\(client())",
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

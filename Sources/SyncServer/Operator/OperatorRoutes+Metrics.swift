import Hummingbird
import NIOCore
import SyncCore
import SyncEngine

extension OperatorRoutes {
    /// `GET /metrics`: what `status` says, in Prometheus's text form (version 0.0.4), for the operator's unit and below;
    /// and how busy the agent listener is, to who may see all units: it serves devices of all of them.
    func metrics(_ request: Request) async throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let world = world
        let status = try await engine.status(
            FleetStatus.Query(under: scope, silences: Set(ServerLimits.silenceSteps)))
        let owned = try await engine.policyCount(under: scope)
        var page = MetricsPage()
        page.add("consigne_log_epoch", "Incarnation of the log.", Int(world.epoch))
        page.add("consigne_log_seq", "Position of the last entry.", Int(world.seq))
        page.add("consigne_log_floor", "Position from which on the log is kept.", Int(engine.floor?.seq ?? 0))
        page.add(
            "consigne_log_unreadable", "Entries, and what the log begins with, that could not be read at the start.",
            engine.gaps.count + engine.stateDamage.count)
        let warnings = engine.warnings
        page.add(
            "consigne_server_warning", "What people must look at while the server goes on.", label: "kind",
            ServerWarning.allCases.map { ($0.rawValue, warnings.contains($0) ? 1 : 0) })
        page.add("consigne_policies", "Policies owned by the unit or below.", owned.policies)
        page.add("consigne_conflicts", "Settings with edits that crossed and nobody has decided on.", owned.conflicts)
        page.add("consigne_siblings", "Writes kept beside the one that counts.", owned.siblings)
        page.add(
            "consigne_devices", "Devices by state.", label: "state",
            Device.State.allCases.map { ($0.rawValue, status.states[$0] ?? 0) })
        page.add(
            "consigne_devices_standing", "Enrolled devices by what they proved to hold.", label: "standing",
            DeviceStanding.allCases.map { ($0.rawValue, status.standings[$0] ?? 0) })
        page.add(
            "consigne_devices_silent", "Enrolled devices without a word for so many seconds.", label: "seconds",
            status.silent.sorted { $0.key < $1.key }.map { (String($0), $1) })
        page.add(
            "consigne_devices_noncompliant", "Devices in sync that cannot honour a setting.",
            status.ranked.map { (["setting": $0.setting ?? "", "reason": $0.reason.rawValue], $1) })
        if author.denial(of: .read(.root)) == nil { page.add(await load()) }
        return Response(
            status: .ok, headers: [.contentType: MetricsPage.mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page.text)))
    }
}

/// Figures as Prometheus reads them.
private struct MetricsPage {
    enum Kind: String {
        case gauge
        /// Counts from the start of the server on.
        case counter
    }

    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"
    private(set) var text = ""

    mutating func add(_ load: AgentLoad) {
        add("consigne_agent_connections", "Devices that are connected.", load.connections)
        add("consigne_agent_parked_polls", "Devices whose poll waits for news.", load.parked)
        add("consigne_agent_refused_total", "Requests told to come back later.", load.refused, .counter)
        add("consigne_agent_unparked_total", "Polls not parked for want of room.", load.unparked, .counter)
        add(
            "consigne_agent_closed_for_room_total", "Connections that were closed so that others found room.",
            load.closedForRoom, .counter)
        add(
            "consigne_agent_warnings_total", "What is warned of once an hour a device or address.", label: "kind",
            load.warnings.map { ($0.kind.rawValue, $0.count) }, .counter)
    }

    mutating func add(_ name: String, _ help: String, _ value: Int, _ kind: Kind = .gauge) {
        begin(name, help, kind)
        text += "\(name) \(value)\n"
    }

    mutating func add(
        _ name: String, _ help: String, label: String, _ values: [(String, Int)], _ kind: Kind = .gauge
    ) {
        begin(name, help, kind)
        for (value, count) in values { text += "\(name){\(label)=\"\(value)\"} \(count)\n" }
    }

    /// Label values come from closed lists: nothing in them is escaped.
    mutating func add(_ name: String, _ help: String, _ values: [(labels: [String: String], Int)]) {
        begin(name, help)
        for (labels, count) in values {
            let labels = labels.sorted { $0.key < $1.key }.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
            text += "\(name){\(labels)} \(count)\n"
        }
    }

    private mutating func begin(_ name: String, _ help: String, _ kind: Kind = .gauge) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }
}

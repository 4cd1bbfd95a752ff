import ArgumentParser
import Foundation
import SyncClient
import SyncCore
import SyncProtocol

/// Which server, and with whose token. A token is only ever read from a file.
struct Connection: ParsableArguments {
    @Option(help: ArgumentHelp("A context other than the current one.", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("The operators' listener (CONSIGNE_SERVER).", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("The file that holds your token (CONSIGNE_TOKEN_FILE).", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The authorities that vouch for the server, in PEM (CONSIGNE_CA); the system's where none are given.",
            valueName: "file"))
    var ca: String?

    @OptionGroup private var format: OutputOptions

    var output: OutputOptions.Format { format.output }

    func client() throws -> OperatorClient {
        let environment = ProcessInfo.processInfo.environment
        let contexts = try Contexts.read()
        let known = try (context ?? contexts.current).map { name in
            guard let found = contexts.all[name] else { throw Failure(.dataRefused, "there is no context \(name)") }
            return found
        }
        guard let server = server ?? environment["CONSIGNE_SERVER"] ?? known?.server else {
            throw Failure(.dataRefused, "no server: say --server, or make a context with `consigne contexts set`")
        }
        guard let url = URL(string: server), ["http", "https"].contains(url.scheme), url.host != nil else {
            throw Failure(.dataRefused, "--server: found \"\(server)\", expected an http or https URL")
        }
        guard let file = tokenFile ?? environment["CONSIGNE_TOKEN_FILE"] ?? known?.tokenFile else {
            throw Failure(.dataRefused, "no token: say --token-file, or make a context with `consigne contexts set`")
        }
        let trust: TrustRoots?
        do {
            trust = try (ca ?? environment["CONSIGNE_CA"] ?? known?.ca).map { path throws(TrustRoots.Failure) in
                try TrustRoots(file: path)
            }
        } catch {
            throw Failure(.inputUnreadable, "\(error)")
        }
        return OperatorClient(server: server, token: try Self.token(in: file), trust: trust)
    }

    private static func token(in file: String) throws -> String {
        let text = try TextFile(file).text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard WireLimits.secretBytes.contains(text.utf8.count), text.allSatisfy({ $0.isASCII && !$0.isWhitespace })
        else {
            throw Failure(.dataRefused, "\(file): expected one token of 32 to 128 characters")
        }
        return text
    }

    /// `GET`s a list and prints it.
    func show(_ path: String, _ query: [(String, String?)] = [], _ table: (JSONValue) -> Table) async throws {
        let json = try await asking { client throws(OperatorClient.Failure) in try await client.get(path, query) }
        show(json, table)
    }

    func show(_ json: JSONValue, _ table: (JSONValue) -> Table) {
        switch output {
        case .json: Terminal.say(json)
        case .table: Terminal.say(table(json).text)
        }
    }

    /// Calls the server; its refusals become this command's.
    func asking<T>(
        _ body: (OperatorClient) async throws(OperatorClient.Failure) -> T
    ) async throws -> T {
        let client = try client()
        do {
            return try await body(client)
        } catch {
            throw Failure(error)
        }
    }

    /// The last write to a policy, which is what whoever looks at it now has seen; 0 of no epoch while there is none.
    func revision(of policy: PolicyReference) async throws -> Bookmark {
        try await asking { client throws(OperatorClient.Failure) in
            do throws(OperatorClient.Failure) {
                let json = try await client.get("/v1/policy", [("name", policy.description)])
                return Bookmark(
                    epoch: json["epoch"]?.integer.map { UInt64($0) }, seq: Seq(json["revision"]?.integer ?? 0))
            } catch .refused(let refusal) where refusal.code == "unknown-policy" {
                return Bookmark(epoch: nil, seq: 0)
            }
        }
    }

    /// Has edits done, and says so.
    func change(
        _ edits: [Edit], _ change: ChangeOptions, mode: ConflictMode = .strict, _ sentence: (JSONValue) -> String
    ) async throws {
        let request = ChangeRequest(intent: change.intentOrNew, reason: change.reason, mode: mode, edits: edits)
        let receipt = try await asking { client throws(OperatorClient.Failure) in try await client.change(request) }
        report(receipt, sentence)
    }

    /// A change that was not sent, since everything stands already.
    func reportNothing() {
        switch output {
        case .json: Terminal.say(.object(["changed": .bool(false)]))
        case .table: Terminal.say("nothing to change")
        }
    }

    func report(_ receipt: JSONValue, _ sentence: (JSONValue) -> String) {
        for note in receipt["notes"]?.array ?? [] { Terminal.complain("note: \(Cell.whole(note))") }
        switch output {
        case .json: Terminal.say(receipt)
        case .table:
            let position = receipt["seq"]?.integer ?? 0
            Terminal.say(
                receipt["changed"] == .bool(false) ? "nothing to change" : "\(sentence(receipt)) (log at \(position))")
        }
    }
}

/// What a command prints.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Option(help: "What to print: a table for people or JSON for machines.")
    var output = Format.table
}

/// What every change may say.
struct ChangeOptions: ParsableArguments {
    @Option(help: "Why, for whoever reads the log.")
    var reason: String?

    @Option(help: "Your name for this change: said again, it is done once.")
    var intent: String?

    /// What a shell puts around them (`"$(git log -1 --format=%s)"`) is no part of them.
    mutating func validate() throws {
        reason = try Self.line(reason, "--reason", WireLimits.reasonBytes)
        intent = try Self.line(intent, "--intent", WireLimits.intentBytes)
    }

    private static func line(_ text: String?, _ option: String, _ bytes: Int) throws -> String? {
        guard let text = text?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
        if let fault = PlainText.fault(in: text) {
            throw ValidationError("\(option): expected \(PlainText.expected); it \(fault)")
        }
        guard (1...bytes).contains(text.utf8.count) else {
            throw ValidationError("\(option): found \(text.utf8.count) bytes, expected 1 to \(bytes)")
        }
        return text
    }

    var intentOrNew: String { intent ?? UUID().uuidString.lowercased() }
}

/// What writing a policy may say of edits that cross.
struct ConflictOptions: ParsableArguments {
    @Option(
        help: """
            When others wrote to the same setting since you looked: strict refuses, merge keeps yours as a sibling, \
            force overrules them and needs --reason.
            """)
    var mode = ConflictMode.strict
}

extension Failure {
    init(_ failure: OperatorClient.Failure) {
        switch failure {
        case .unreachable: self.init(.serverUnreachable, "\(failure)", isDefinite: false)
        case .notUnderstood: self.init(.protocolUnknown, "\(failure)", isDefinite: false)
        case .intermediary(let status, _): self.init(Code(status: status), "\(failure)", isDefinite: false)
        case .refused(let refusal):
            self.init(
                Code(status: refusal.status),
                refusal.code == "conflict"
                    ? "\(refusal.detail)\n\(ConflictText.refused(refusal.details))" : "\(refusal)",
                isDefinite: refusal.isDefinite)
        }
    }
}

extension Failure.Code {
    /// What a status of HTTP means for whoever waits for this command.
    fileprivate init(status: Int) {
        self =
            switch status {
            case 401, 403, 407: .notAllowed
            case 429, 502, 503, 504: .tryAgain
            case 500...: .serverFailed
            default: .dataRefused
            }
    }
}

import Foundation
import NIOHTTP1
import SyncCore
import SyncProtocol

/// Every reader of bytes from outside, for libFuzzer: none may trap, and what is read and written again stays the same.
///
/// `Tests/fuzz` builds and runs it; the reader is named by `CONSIGNE_FUZZ_TARGET`.
enum Reader: String, CaseIterable {
    case json, stored, request, enrolment, answer, change, policy, userDocument, facts, delta, catalog
    case have, cursor, selector, path, policyName, identifiers
    case csv, yaml, headers, query

    static let chosen = ProcessInfo.processInfo.environment["CONSIGNE_FUZZ_TARGET"].flatMap { Reader(rawValue: $0) }
    static let rules = try? Catalog.embedded()

    func read(_ bytes: [UInt8]) {
        switch self {
        case .json: readAgain(bytes, within: .wire)
        case .stored: readAgain(bytes, within: .stored)
        case .catalog: _ = try? CatalogReader.read(bytes)
        case .csv: if let file = try? TextFile("f", bytes: bytes) { _ = try? CSVFile(file) }
        case .yaml: if let file = try? TextFile("f", bytes: bytes) { readYAML(file) }
        case .headers: readHeaders(bytes)
        case .query:
            if let text = QueryText.decoded(String(decoding: bytes, as: UTF8.self)[...]) { readQuery(text) }
        case .have, .cursor, .selector, .path, .policyName, .identifiers: read(String(decoding: bytes, as: UTF8.self))
        default: if let json = try? JSONReader.read(bytes) { read(json) }
        }
    }

    /// What is taken can be sent: the server reads the same.
    private func readYAML(_ file: TextFile) {
        guard let value = try? YAMLFile.value(of: file) else { return }
        precondition((try? JSONReader.read(CanonicalWriter.bytes(of: value))) == value)
    }

    /// Lines of names and values, as the decoder hands them over.
    private func readHeaders(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count == 2 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let headers = RequestHeaders(HTTPHeaders(lines))
        precondition(headers.length ?? 0 >= 0, "a length below nothing")
        _ = (headers.forms, headers.waitsToContinue, headers.tag.map(RequestHeaders.cursor))
        precondition(RequestHeaders.wait(headers.prefer) ?? 1 > 0, "a wait that is none")
        _ = headers.authorization.map { Bearer.hash(of: $0) }
        guard let peer = IPAddress("10.0.0.1"), let range = TrustedProxies.Range("10.0.0.0/8") else { return }
        let client = TrustedProxies([range]).client(peer, forwarded: headers.forwarded)
        precondition(IPAddress(client.description) == client, "\(client) is another client when it is read")
    }

    /// What was decoded comes back from what a form would send.
    private func readQuery(_ text: String) {
        let encoded = text.utf8.map { byte in "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) }
        precondition(QueryText.decoded(encoded.joined()[...]) == text, "a query in percent signs reads as another")
    }

    private func readAgain(_ bytes: [UInt8], within bounds: JSONBounds) {
        guard let value = try? JSONReader.read(bytes, within: bounds) else { return }
        let canonical = CanonicalWriter.bytes(of: value)
        var wide = JSONBounds.stored
        wide.depth = bounds.depth
        let again = try? JSONReader.read(canonical, within: wide)
        precondition(again == value, "what was written is not what was read")
        precondition(CanonicalWriter.bytes(of: value) == canonical, "two canonical forms of one value")
    }

    private func read(_ json: JSONValue) {
        switch self {
        case .request:
            if let request = try? SyncRequest(json) { precondition((try? SyncRequest(request.json)) == request) }
        case .enrolment: _ = try? EnrolRequest(json)
        case .answer: _ = try? SyncAnswer(json)
        case .change:
            if let change = try? ChangeRequest(json) { precondition((try? ChangeRequest(change.json)) == change) }
        case .facts: if let facts = try? Facts(json) { precondition((try? Facts(facts.json)) == facts) }
        case .userDocument:
            if let document = UserDocument(json) { precondition(UserDocument(document.json) == document) }
        case .delta: if let delta = Delta(json) { _ = delta.applied(to: json.object ?? [:]) }
        case .policy:
            guard let catalog = Self.rules, let reading = try? PolicyReader.read(json, catalog: catalog) else { return }
            // What was taken once is taken again, as it is.
            let enforced = JSONValue.array(reading.body.enforced.sorted().map(JSONValue.string))
            let again = try? PolicyReader.read(
                values: .object(reading.body.values), enforced: enforced, catalog: catalog)
            precondition(again?.body == reading.body, "a policy in normal form reads as another")
        default: break
        }
    }

    private func read(_ text: String) {
        switch self {
        case .have: if let have = Have(text) { precondition(Have(have.description) == have) }
        case .cursor: if let cursor = Cursor(text) { precondition(Cursor(cursor.description) == cursor) }
        case .selector:
            if let selector = try? Selector(text) { precondition((try? Selector(selector.description)) == selector) }
        case .path: if let path = OrgPath(text) { precondition(OrgPath(path.text) == path) }
        case .policyName:
            if let name = PolicyReference(text) { precondition(PolicyReference(name.description) == name) }
        case .identifiers:
            _ = (DeviceID(text), TokenID(text), AssignmentID(text), OperatorName(text), Digest(text))
        default: break
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    Reader.chosen?.read(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}

@_cdecl("LLVMFuzzerInitialize")
public func begin(_: UnsafeMutablePointer<CInt>?, _: UnsafeMutableRawPointer?) -> CInt {
    if Reader.chosen == nil {
        print("CONSIGNE_FUZZ_TARGET: expected one of \(Reader.allCases.map(\.rawValue).joined(separator: " "))")
        exit(64)
    }
    return 0
}

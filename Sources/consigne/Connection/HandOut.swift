import Foundation
import SyncCore
import SyncProtocol

/// Secrets that are made here, and the edits that put them in force by their hashes.
struct HandOut {
    let secrets: String
    let edits: [Edit]
}

extension Connection {
    /// Writes secrets to a file that was not there, and puts them in force.
    ///
    /// They stand in the file, and the request that names them beside it (`FILE.pending`), before the server learns of
    /// them. Both go when the server says that nothing was done. Where nobody knows, both stay, and the same command
    /// sends the same request again: with its intent it is done once.
    func handOut(
        _ make: () throws -> HandOut, to path: String, _ change: ChangeOptions, _ sentence: (JSONValue) -> String
    ) async throws {
        let place = path + ".pending"
        let isResumed = FileManager.default.fileExists(atPath: place)
        let request = try isResumed ? pending(place, make, path, change) : begin(place, make, path, change)
        let receipt: JSONValue
        do {
            receipt = try await asking { client throws(OperatorClientFailure) in try await client.change(request) }
        } catch let failure as Failure {
            // What is refused now says nothing of what became of it the first time.
            guard failure.isDefinite, !isResumed else { throw failure.notKnown(path, place) }
            SecretFile.remove(path)
            SecretFile.remove(place)
            throw failure
        }
        SecretFile.remove(place)
        report(receipt, sentence)
    }

    private func begin(
        _ place: String, _ make: () throws -> HandOut, _ path: String, _ change: ChangeOptions
    ) throws -> ChangeRequest {
        let fresh = try make()
        let request = ChangeRequest(intent: change.intentOrNew, reason: change.reason, edits: fresh.edits)
        try SecretFile.write(fresh.secrets, to: path)
        do {
            try SecretFile.write(CanonicalWriter.text(of: request.json) + "\n", to: place)
        } catch {
            SecretFile.remove(path)
            throw error
        }
        return request
    }

    /// The request of a command whose outcome is not known, if this command is the same.
    private func pending(
        _ place: String, _ make: () throws -> HandOut, _ path: String, _ change: ChangeOptions
    ) throws -> ChangeRequest {
        let other = Failure(
            .dataRefused,
            "\(place) is of another change, whose outcome is not known: say that command again, or look for its intent in "
                + "`consigne log` and remove \(path) and \(place)")
        guard FileManager.default.fileExists(atPath: path) else { throw other }
        let known: ChangeRequest
        do {
            known = try ChangeRequest(try Files.json(place, limit: WireLimits.changeSetBytes))
        } catch let malformed as Malformed {
            throw Failure(.dataRefused, "\(place): \(malformed)")
        }
        guard try make().edits.map(\.json.asked) == known.edits.map(\.json.asked),
            [nil, known.intent].contains(change.intent)
        else { throw other }
        Terminal.complain("note: \(place) is there, so this goes on with intent \(known.intent)")
        return known
    }
}

extension Failure {
    fileprivate func notKnown(_ path: String, _ place: String) -> Failure {
        Failure(
            code,
            "\(description)\n  whether it was done is not known, so \(path) and \(place) stay: say the same command again, and "
                + "it is done once", isDefinite: false)
    }
}

extension JSONValue {
    /// What an edit asks for, without what is made anew each time: hashes of secrets, and times counted from now.
    fileprivate var asked: JSONValue {
        guard var members = object else { return self }
        for name in ["hash", "token", "expires"] { members[name] = nil }
        members["rows"] = members["rows"]?.array.map { rows in
            .array(rows.map { .array(Array(($0.array ?? []).prefix(4))) })
        }
        return .object(members)
    }
}

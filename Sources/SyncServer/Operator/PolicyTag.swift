import SyncCore

/// The tag of a policy as somebody read it: `"EPOCH.REVISION"`, strong (RFC 9110, section 8.8.3).
struct PolicyTag: CustomStringConvertible {
    let epoch: UInt64
    let revision: Seq

    init(epoch: UInt64, revision: Seq) {
        self.epoch = epoch
        self.revision = revision
    }

    /// Reads `If-Match`, by which an author says what he had seen; nil without it.
    init?(ifMatch header: String?) throws(Problem) {
        guard let header else { return nil }
        let parts = header.split(separator: "\"", omittingEmptySubsequences: false)
        let numbers = parts.count == 3 ? parts[1].split(separator: ".").map { UInt64($0) } : []
        guard parts.first?.isEmpty == true, parts.last?.isEmpty == true, numbers.count == 2, let epoch = numbers[0],
            let revision = numbers[1]
        else {
            throw Problem(
                400, "malformed",
                "If-Match: found \(header.prefix(80)), expected the ETag of a policy, such as \"1795456898.41\"")
        }
        self.init(epoch: epoch, revision: revision)
    }

    var description: String { "\"\(epoch).\(revision)\"" }
}

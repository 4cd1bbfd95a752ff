import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// Deltas as the vectors state them; the vectors were computed by another implementation.
@Suite struct DeltaVectorTests {
    @Test func `a delta is made and applied as the vectors state`() throws {
        let catalog = try Catalog.embedded()
        let cases = try VectorCase.list("cases", of: "delta.json")
        #expect(cases.count >= 10)
        for entry in cases {
            let old = try #require(entry.json["from"]?.object, entry.comment)
            let new = try #require(entry.json["to"]?.object, entry.comment)
            let stated = try #require(entry.json["delta"], entry.comment)
            #expect(Delta(from: old, to: new, catalog: catalog).json == stated, entry.comment)
            let applied = try #require(Delta(stated), entry.comment).applied(to: old)
            #expect(applied == new, entry.comment)
            let digest = Digest(hashing: CanonicalWriter.bytes(of: .object(applied)))
            #expect(digest == (try entry.digest("digest")), entry.comment)
        }
    }

    @Test(arguments: [
        "[]", #"{"set":[]}"#, #"{"unset":[1]}"#, #"{"unset":{}}"#, #"{"records":{"a":{}}}"#,
        #"{"records":{"a":{"key":[],"put":[],"drop":[]}}}"#,
    ])
    func `what is no delta is not read as one`(text: String) throws {
        #expect(Delta(try JSONReader.read(Array(text.utf8))) == nil)
    }
}

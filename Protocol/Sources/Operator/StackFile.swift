import SyncCore

/// A stack of layers in a file: what `consigne resolve` takes, to try a resolution without a server.
///
/// `{"layers": [{"layer": "agency", "priority": 20, "seq": 2, "document": "name"}, ...]}`; instead of naming a document
/// a layer may carry `values` and `enforced`. `seq` is its place in the list where absent, `depth` is 0.
public struct StackFile: Sendable {
    /// Why a stack cannot be read.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case malformed(path: String, expected: String)
        case refused(layer: String, PolicyProblems)

        public var description: String {
            switch self {
            case .malformed(let path, let expected): "\(path): expected \(expected)"
            case .refused(let layer, let problems): "layer \(layer):\n\(problems)"
            }
        }
    }

    public let layers: [Layer]
    /// What reading the documents changed, by layer.
    public let notes: [String]

    /// Reads a stack; `document` finds the policy a layer names.
    public init<DocumentError: Error>(
        _ json: JSONValue, catalog: Catalog, document: (String) throws(DocumentError) -> JSONValue
    ) throws {
        guard let list = json["layers"]?.array else {
            throw Failure.malformed(path: "layers", expected: "an array of layers")
        }
        var layers: [Layer] = []
        var notes: [String] = []
        for (index, entry) in list.enumerated() {
            let header = try Header(entry, index: index)
            let reading: PolicyReader.Reading
            do {
                reading = try Self.policy(entry, header, catalog, document)
            } catch let problems as PolicyProblems {
                throw Failure.refused(layer: header.name, problems)
            }
            notes += reading.notes.map { "layer \(header.name): \($0)" }
            layers.append(Layer(contributor: header.contributor, body: reading.body, seq: header.seq))
        }
        self.layers = layers
        self.notes = notes
    }

    private static func policy<DocumentError: Error>(
        _ entry: JSONValue, _ header: Header, _ catalog: Catalog,
        _ document: (String) throws(DocumentError) -> JSONValue
    ) throws -> PolicyReader.Reading {
        switch (entry["document"], entry["values"]) {
        case (.string(let name)?, nil): try PolicyReader.read(try document(name), catalog: catalog)
        case (nil, let values?):
            try PolicyReader.read(values: values, enforced: entry["enforced"] ?? .array([]), catalog: catalog)
        default: throw Failure.malformed(path: header.path, expected: "either a document's name or values")
        }
    }

    /// What a layer of the file says besides its settings.
    private struct Header {
        let path: String
        let name: String
        let priority: Int
        let depth: Int
        let seq: UInt64

        var contributor: Contributor { Contributor(name: name, place: name, priority: priority, depth: depth) }

        init(_ entry: JSONValue, index: Int) throws(Failure) {
            path = "layers[\(index)]"
            guard let name = entry["layer"]?.string, !name.isEmpty else {
                throw .malformed(path: "\(path).layer", expected: "a name")
            }
            self.name = name
            guard let priority = entry["priority"]?.integer, (0...1_000).contains(priority) else {
                throw .malformed(path: "\(path).priority", expected: "an integer from 0 to 1000")
            }
            self.priority = Int(priority)
            let known: Set = ["layer", "priority", "depth", "seq", "document", "values", "enforced"]
            if let stranger = entry.object?.keys.sorted().first(where: { !known.contains($0) }) {
                throw .malformed(path: "\(path).\(stranger)", expected: known.sorted().joined(separator: ", "))
            }
            guard let depth = (entry["depth"] ?? .integer(0)).integer, (0...64).contains(depth) else {
                throw .malformed(path: "\(path).depth", expected: "an integer from 0 to 64")
            }
            self.depth = Int(depth)
            guard let seq = (entry["seq"] ?? .integer(Int64(index) + 1)).integer, seq >= 0 else {
                throw .malformed(path: "\(path).seq", expected: "an integer, 0 or more")
            }
            self.seq = UInt64(seq)
        }
    }
}

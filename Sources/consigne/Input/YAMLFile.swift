import SyncCore
import Yams

/// YAML as its core schema reads it (YAML 1.2, section 10.3), or refused with line and column.
///
/// The library resolves words as YAML 1.1 did (`NO` is a boolean there, `08:30` a number), so that only its parser is
/// used: what a scalar is follows from its tag, its style and its letters here.
enum YAMLFile {
    static func value(of file: TextFile) throws -> JSONValue {
        do {
            let parser = try Yams.Parser(yaml: file.text, resolver: .basic)
            guard let node = try parser.singleRoot() else { throw Failure(.dataRefused, "\(file.path): is empty") }
            // A node knows its anchor only as long as its parser lives.
            let value = try withExtendedLifetime(parser) { try Reading(path: file.path).value(of: node, at: "") }
            return try sendable(value, file.path)
        } catch let error as YamlError {
            throw Failure(.dataRefused, "\(file.path):\(words(of: error))")
        }
    }

    /// The value, if the server reads it: its bounds are those of JSON on the wire.
    private static func sendable(_ value: JSONValue, _ path: String) throws -> JSONValue {
        do throws(JSONError) {
            return try JSONReader.read(CanonicalWriter.bytes(of: value))
        } catch {
            let place = error.path.isEmpty ? "" : "\(error.path.joined(separator: ".")): "
            throw Failure(.dataRefused, "\(path): " + "\(place)\(error.explanation)".printable())
        }
    }

    private static func words(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(mark): \(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            "\(context.mark): \(keys.joined(separator: ", ").printable()) stands twice in one mapping"
        case .reader(let problem, _, _, _): " \(problem)"
        default: " \(error)"
        }
    }
}

private struct Reading {
    let path: String

    func value(of node: Node, at place: String) throws -> JSONValue {
        if node.anchor != nil { throw fault(node, place, "an anchor, expected the value where it counts") }
        switch node {
        case .mapping(let mapping):
            try expect(node, mapping.tag.rawValue, ["", Core.map.rawValue], place)
            return .object(try members(of: mapping, at: place))
        case .sequence(let sequence):
            try expect(node, sequence.tag.rawValue, ["", Core.seq.rawValue], place)
            return .array(try sequence.enumerated().map { try value(of: $1, at: "\(place)[\($0)]") })
        case .scalar(let scalar): return try value(of: scalar, node, place)
        case .alias: throw fault(node, place, "an alias, expected the value itself")
        }
    }

    private func members(of mapping: Node.Mapping, at place: String) throws -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (key, member) in mapping {
            let name = try name(of: key, at: place)
            let value = try value(of: member, at: place.isEmpty ? name : "\(place).\(name)")
            guard members.updateValue(value, forKey: name) == nil else {
                throw fault(key, place, "\(name) a second time")
            }
        }
        return members
    }

    /// A name is text, also without quotation marks; a number or a boolean in its place is a typing error.
    private func name(of key: Node, at place: String) throws -> String {
        guard let scalar = key.scalar, key.anchor == nil else {
            throw fault(key, place, "a key that is no word, expected a name")
        }
        guard scalar.style == .plain else { return scalar.string }
        if scalar.string == "<<" { throw fault(key, place, "a merge key, expected the members themselves") }
        guard case .text = Plain(scalar.string) else {
            throw fault(key, place, "the key \(scalar.string), expected a name; write it in quotes")
        }
        return scalar.string
    }

    private func value(of scalar: Node.Scalar, _ node: Node, _ place: String) throws -> JSONValue {
        let tag = scalar.tag.rawValue
        switch tag {
        case "" where scalar.style == .plain: return try plain(Plain(scalar.string), scalar.string, node, place)
        case "", "!", Core.str.rawValue: return .string(scalar.string)
        case Core.int.rawValue, Core.bool.rawValue:
            let value = try plain(Plain(scalar.string), scalar.string, node, place)
            guard (value.integer != nil) == (tag == Core.int.rawValue), value.string == nil else {
                throw fault(node, place, "\(scalar.string), which is not what its tag says")
            }
            return value
        default: throw fault(node, place, "the tag \(tag), expected !!str, !!int or !!bool")
        }
    }

    private func plain(_ plain: Plain, _ text: String, _ node: Node, _ place: String) throws -> JSONValue {
        switch plain {
        case .null: throw fault(node, place, "null, expected a value; to leave it unset, leave it out")
        case .bool(let value): return .bool(value)
        case .integer(let value?): return .integer(value)
        case .integer(nil):
            throw fault(node, place, "\(text), expected an integer within \(Limits.integerMagnitude)")
        case .leadingZero:
            throw fault(
                node, place, "\(text), which is a text or a number with zeros before it; write a text in quotes")
        case .float: throw fault(node, place, "\(text), expected an integer; write a text in quotes")
        case .text: return .string(text)
        }
    }

    private func expect(_ node: Node, _ tag: String, _ known: [String], _ place: String) throws {
        guard known.contains(tag) else { throw fault(node, place, "the tag \(tag), expected none") }
    }

    private func fault(_ node: Node, _ place: String, _ found: String) -> Failure {
        let mark = node.mark.map { "\($0.line):\($0.column)" } ?? "1:1"
        return Failure(
            .dataRefused, "\(path):\(mark): " + "\(place.isEmpty ? "" : place + ": ")found \(found)".printable())
    }
}

/// The tags of the core schema.
private enum Core: String {
    case map = "tag:yaml.org,2002:map"
    case seq = "tag:yaml.org,2002:seq"
    case str = "tag:yaml.org,2002:str"
    case int = "tag:yaml.org,2002:int"
    case bool = "tag:yaml.org,2002:bool"
}

/// What a scalar without quotation marks is in the core schema.
private enum Plain {
    case null
    case bool(Bool)
    /// Nil for one that no double holds.
    case integer(Int64?)
    /// `017`: 17 in YAML 1.2, 15 in YAML 1.1, and a PIN or a code to whoever wrote it.
    case leadingZero
    case float
    case text

    init(_ text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        default: self = Self.number(text)
        }
    }

    private static func number(_ text: String) -> Plain {
        if text.wholeMatch(of: /[-+]?0[0-9]+/) != nil { return .leadingZero }
        if text.wholeMatch(of: /[-+]?[0-9]+/) != nil { return integer(text, radix: 10) }
        if text.wholeMatch(of: /0o[0-7]+/) != nil { return integer(text.dropFirst(2), radix: 8) }
        if text.wholeMatch(of: /0x[0-9a-fA-F]+/) != nil { return integer(text.dropFirst(2), radix: 16) }
        let isFloat =
            text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil
            || text.wholeMatch(of: /[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)/) != nil
        return isFloat ? .float : .text
    }

    private static func integer(_ digits: some StringProtocol, radix: Int) -> Plain {
        let number = Int64(digits, radix: radix)
        return .integer(number.flatMap { $0.magnitude <= Limits.integerMagnitude.magnitude ? $0 : nil })
    }
}

import ArgumentParser
import Foundation
import SyncClient
import SyncCore
import SyncProtocol

/// `consigne devices import LOT.csv`.
struct ImportLot: Command {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a delivered lot: one row a terminal, all or none.",
        discussion: """
            The file has the heading serial,model,unit,tags and a row a terminal; tags have spaces between them. Each \
            terminal gets a one-time token of its own, made here; the file of tokens (serial,token) is for whoever \
            stages the terminals, the server gets hashes.
            """)

    @Argument(help: "The lot's file.") var file: String
    @Option(help: "The file for serial,token rows.") var tokensOut: String
    @Option(help: "How long the tokens may be used: 12h, 90d.") var expires = "90d"
    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        let lot = try LotFile(file)
        let deadline = Int64(Date().timeIntervalSince1970 * 1_000) + (try Parse.milliseconds(expires))
        var generator = SystemRandomNumberGenerator()
        let tokens = lot.rows.map { _ in Secret.make(using: &generator) }
        let provisions = zip(lot.rows, tokens).map { row, token in
            Provision(
                serial: row.serial, model: row.model, unit: row.unit, tags: row.tags, tokenHash: Secret.hash(token),
                expires: deadline)
        }
        let list = zip(lot.rows, tokens).map { "\($0.serial),\($1)\n" }.joined()
        try await SecretFile.keep("serial,token\n" + list, at: tokensOut) {
            try await connection.change([.provision(provisions)], change) { _ in
                "\(provisions.count) terminals taken in, their tokens are in \(tokensOut)"
            }
        }
    }
}

/// A delivered lot as a CSV file (RFC 4180, without quoted cells: no field of a lot needs them).
struct LotFile {
    struct Row {
        let serial: String
        let model: String
        let unit: OrgPath
        let tags: Set<Tag>
    }

    let rows: [Row]

    private static let heading = "serial,model,unit,tags"

    init(_ path: String) throws {
        guard var text = String(validating: try Files.bytes(of: path), as: UTF8.self) else {
            throw Failure(.dataRefused, "\(path): the file is not UTF-8")
        }
        // Spreadsheets put a byte order mark before the heading.
        if text.first == "\u{FEFF}" { text.removeFirst() }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        guard lines.first == Self.heading else {
            throw Failure(.dataRefused, "\(path):1: found \"\(Cell.cut(lines.first ?? ""))\", expected \(Self.heading)")
        }
        var rows: [Row] = []
        var problems: [String] = []
        var serials: [String: Int] = [:]
        for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
            let row: Row
            do throws(BadCell) {
                row = try Row(line)
            } catch {
                problems.append(
                    "\(path):\(index + 1): \(error.field): found \"\(error.value)\", expected \(error.expected)")
                continue
            }
            if let first = serials.updateValue(index + 1, forKey: row.serial) {
                problems.append("\(path):\(index + 1): serial: \(row.serial) stands in line \(first) too")
            }
            rows.append(row)
        }
        guard problems.isEmpty else {
            throw Failure(.dataRefused, problems.joined(separator: "\n") + "\nno row was taken")
        }
        guard (1...WireLimits.lotRows).contains(rows.count) else {
            throw Failure(.dataRefused, "\(path): found \(rows.count) rows, expected 1 to \(WireLimits.lotRows)")
        }
        self.rows = rows
    }

    fileprivate struct BadCell: Error {
        let field: String
        let value: String
        let expected: String
    }
}

extension LotFile.Row {
    fileprivate init(_ line: String) throws(LotFile.BadCell) {
        guard !line.contains("\"") else {
            throw LotFile.BadCell(field: "row", value: Cell.cut(line), expected: "cells without quotation marks")
        }
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard cells.count == 4 else {
            throw LotFile.BadCell(field: "row", value: Cell.cut(line), expected: "serial,model,unit,tags")
        }
        for (field, cell) in [("serial", cells[0]), ("model", cells[1])] where !(1...64).contains(cell.utf8.count) {
            throw LotFile.BadCell(field: field, value: Cell.cut(cell), expected: "1 to 64 bytes")
        }
        guard let unit = OrgPath(cells[2]) else {
            throw LotFile.BadCell(field: "unit", value: Cell.cut(cells[2]), expected: OrgPath.expected)
        }
        let words = cells[3].split(separator: " ")
        guard case let tags = words.compactMap({ Tag($0) }), tags.count == words.count else {
            throw LotFile.BadCell(field: "tags", value: Cell.cut(cells[3]), expected: Tag.expected)
        }
        self.init(serial: cells[0], model: cells[1], unit: unit, tags: Set(tags))
    }
}

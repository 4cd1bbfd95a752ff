import GRDB

/// The tables of a store's file.
enum Schema {
    static let version = 4
    static let synchronousFull = 2

    /// What both tables of reports have beside the device.
    private static let reportFields = """
        enrolment INTEGER NOT NULL, number INTEGER NOT NULL, held BLOB, failed BLOB, received INTEGER NOT NULL,
        body BLOB NOT NULL
        """

    /// Reports come in no order of devices. Written at once to their device's row, each would touch a page of its own, in
    /// the log in front and then in the file. So they are added to `arrival`, in the order in which they come, and brought
    /// into `report` later, many at a time.
    ///
    /// An entry's `txn` is no foreign key: compaction, which alone deletes, would look for entries transaction by
    /// transaction, through the whole table each time.
    static let statements = """
        CREATE TABLE head(
            id INTEGER PRIMARY KEY CHECK (id = 1),
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE txn(
            id INTEGER PRIMARY KEY,
            first_seq INTEGER NOT NULL,
            entries INTEGER NOT NULL,
            author TEXT NOT NULL,
            intent TEXT NOT NULL,
            reason TEXT,
            reason_salt BLOB,
            received INTEGER NOT NULL,
            request BLOB NOT NULL,
            UNIQUE(author, intent)
        ) STRICT;
        CREATE INDEX txn_first ON txn(first_seq);
        CREATE TABLE entry(
            seq INTEGER PRIMARY KEY,
            txn INTEGER NOT NULL,
            subject TEXT NOT NULL,
            key TEXT NOT NULL,
            op TEXT NOT NULL,
            value BLOB,
            base INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            salt BLOB,
            leaf BLOB NOT NULL
        ) STRICT;
        CREATE INDEX entry_subject ON entry(subject, seq);
        CREATE TABLE report(
            device INTEGER PRIMARY KEY,
            \(reportFields)
        ) STRICT;
        CREATE TABLE arrival(
            id INTEGER PRIMARY KEY,
            device INTEGER NOT NULL,
            \(reportFields)
        ) STRICT;
        CREATE TABLE user_document(
            device INTEGER PRIMARY KEY,
            body BLOB NOT NULL,
            version INTEGER NOT NULL DEFAULT 1
        ) STRICT;
        CREATE TABLE incarnation(
            epoch INTEGER PRIMARY KEY,
            after INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE seen(
            device INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            enrolment INTEGER NOT NULL DEFAULT 0,
            held BLOB
        ) STRICT;
        CREATE TABLE floor(
            id INTEGER PRIMARY KEY CHECK (id = 1),
            seq INTEGER NOT NULL,
            received INTEGER NOT NULL,
            state BLOB NOT NULL
        ) STRICT;
        CREATE TABLE state(id INTEGER PRIMARY KEY, piece BLOB NOT NULL) STRICT;
        CREATE TABLE leaf(seq INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
        """

    /// What makes a file of the format before into one of this. Of when devices were seen it is not known within which
    /// enrolment: 0 says nothing of any. The first incarnation of a log that was restored since is not known either.
    static let migrations: [Int: String] = [
        3: """
        ALTER TABLE user_document ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE seen ADD COLUMN enrolment INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE seen ADD COLUMN held BLOB;
        INSERT INTO incarnation(epoch, after) SELECT epoch, 0 FROM head WHERE NOT EXISTS (SELECT 1 FROM incarnation);
        """
    ]

    /// What to ask the tables beside the log for: of an earlier format, what its migration puts there.
    static func columnsBesideLog(of format: Int) -> (userDocument: String, seen: String) {
        format < 4
            ? ("device, 1, body", "device, 0, at, NULL") : ("device, version, body", "device, enrolment, at, held")
    }

    /// The format of a file.
    static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT version FROM head WHERE id = 1") ?? 0
    }

    /// Whether a file of a format can be opened, perhaps after it was brought up to this one.
    static func isKnown(_ version: Int) -> Bool { version == Self.version || migrations[version] != nil }

    /// Brings a file of an earlier format up to this one, one format after the other.
    ///
    /// - Returns: the format that the file has then.
    static func migrate(_ database: Database, from version: Int) throws -> Int {
        var version = version
        while let statements = migrations[version] {
            try database.execute(sql: statements)
            version += 1
            try database.execute(sql: "UPDATE head SET version = ? WHERE id = 1", arguments: [version])
        }
        return version
    }
}

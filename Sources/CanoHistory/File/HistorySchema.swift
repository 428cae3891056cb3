#if SQLite
    import GRDB

    /// How the file is laid out, and how files of earlier releases become so.
    enum HistorySchema {
        static var migrator: DatabaseMigrator {
            var migrator = DatabaseMigrator()
            migrator.registerMigration("history") { database in
                try database.execute(sql: tables)
                try database.execute(sql: indexes)
            }
            migrator.registerMigration("shards") { try $0.execute(sql: shards) }
            return migrator
        }

        /// A number of a run is when it was taken, in milliseconds, times 65,536, and which of that millisecond's it is: so runs lie in the file in
        /// the order of their beginnings, their events beside each other, and each index ends in that order too.
        ///
        /// What many rows repeat (workflows, versions, states, types, bridges) is a number of `term`. What is no event of a run's own counting has its
        /// id, and minus its sequence; where no run was known then, it has the run 0 and its subject.
        private static let tables = """
            CREATE TABLE bookmark (
              only INTEGER PRIMARY KEY CHECK (only = 0), prefix TEXT NOT NULL, entry TEXT NOT NULL, highest TEXT NOT NULL, count INTEGER NOT NULL,
              replacements INTEGER NOT NULL, lost INTEGER NOT NULL, sweep INTEGER NOT NULL);
            CREATE TABLE term (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
            CREATE TABLE run (
              number INTEGER PRIMARY KEY, id TEXT NOT NULL, workflow INTEGER NOT NULL, version INTEGER, status INTEGER NOT NULL,
              state INTEGER NOT NULL, created INTEGER NOT NULL, started INTEGER, finished INTEGER, updated INTEGER NOT NULL, epoch INTEGER NOT NULL,
              bridge INTEGER NOT NULL, events INTEGER NOT NULL, missing INTEGER NOT NULL, retries INTEGER NOT NULL, doubtful INTEGER NOT NULL,
              resumable INTEGER NOT NULL, entered INTEGER, waiting_since INTEGER, wake_at INTEGER, awaited TEXT, error_code TEXT,
              error_message TEXT, rollback TEXT, attributes TEXT, parent TEXT, root TEXT, traceparent TEXT);
            CREATE TABLE event (
              run INTEGER NOT NULL, subject TEXT NOT NULL, ms INTEGER NOT NULL, seq INTEGER NOT NULL, sequence INTEGER NOT NULL,
              type INTEGER NOT NULL, time INTEGER NOT NULL, epoch INTEGER NOT NULL, bridge INTEGER NOT NULL, data TEXT NOT NULL,
              id TEXT, workflow INTEGER, traceparent TEXT,
              PRIMARY KEY (run, subject, ms, seq)) WITHOUT ROWID;
            CREATE TABLE attribute (
              name TEXT NOT NULL, value TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (name, value, run)) WITHOUT ROWID;
            CREATE TABLE tally (
              workflow INTEGER NOT NULL, version INTEGER NOT NULL, status INTEGER NOT NULL, runs INTEGER NOT NULL,
              PRIMARY KEY (workflow, version, status)) WITHOUT ROWID;
            CREATE TABLE visit (
              workflow INTEGER NOT NULL, span INTEGER NOT NULL, start INTEGER NOT NULL, state INTEGER NOT NULL, bucket INTEGER NOT NULL,
              count INTEGER NOT NULL, longest INTEGER NOT NULL,
              PRIMARY KEY (workflow, span, start, state, bucket)) WITHOUT ROWID;
            CREATE VIRTUAL TABLE run_text USING fts5(
              id, error_message, attributes, content='run', content_rowid='number', columnsize=0);
            """

        /// A bus of several shards has a bookmark for each. A run says on which one it is, which its id does not of a schedule's run.
        private static let shards = """
            ALTER TABLE bookmark RENAME TO only_bookmark;
            CREATE TABLE bookmark (
              shard INTEGER PRIMARY KEY, prefix TEXT NOT NULL, entry TEXT NOT NULL, highest TEXT NOT NULL, count INTEGER NOT NULL,
              replacements INTEGER NOT NULL, lost INTEGER NOT NULL, sweep INTEGER NOT NULL);
            INSERT INTO bookmark SELECT 0, prefix, entry, highest, count, replacements, lost, sweep FROM only_bookmark;
            DROP TABLE only_bookmark;
            ALTER TABLE run ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
            """

        private static let indexes = """
            CREATE INDEX run_by_id ON run (id);
            CREATE INDEX run_by_status ON run (status);
            CREATE INDEX run_by_workflow ON run (workflow, status);
            CREATE INDEX run_by_version ON run (workflow, version, status);
            CREATE INDEX run_by_state ON run (state, status);
            CREATE INDEX run_by_error ON run (error_code) WHERE error_code IS NOT NULL;
            CREATE INDEX run_by_start ON run (status, started);
            CREATE INDEX run_by_end ON run (status, finished) WHERE finished IS NOT NULL;
            CREATE INDEX run_in_doubt ON run (doubtful) WHERE doubtful = 1;
            CREATE INDEX event_of_no_run ON event (ms) WHERE run = 0;
            """
    }
#endif

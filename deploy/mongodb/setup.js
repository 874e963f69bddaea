// Run by mongosh (compose.yml, mongo-setup). Each step is taken only where it is still missing, so that running it again,
// after a restart or when it broke off half-way, changes nothing.
const MEMBERS = ['mongo-1', 'mongo-2', 'mongo-3'];
const password = require('fs').readFileSync('/run/secrets/mongodb_password', 'utf8').trim();
if (password.length < 16) {
  print(
    'The file secrets/mongodb_password must contain at least 16 random characters. Run: sh deploy/mongodb/secrets.sh',
  );
  quit(1);
}
const admin = db.getSiblingDB('admin');

/** True when the hub's user is there: then everything below has been done. */
function signedIn() {
  try {
    return admin.auth('hub', password).ok === 1;
  } catch {
    return false;
  }
}

/** The state of the replica set: its name, or undefined before it was made. */
function setName() {
  return db.hello().setName;
}

if (!signedIn()) {
  if (setName() === undefined) {
    print('making the replica set');
    rs.initiate({
      _id: 'rs0',
      members: MEMBERS.map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 })),
    });
  }
  // The first user can be made once this member is the primary. Bounded: compose shows a failure, and it may be run again.
  for (let i = 0; i < 120 && !db.hello().isWritablePrimary; i++) sleep(500);
  if (!db.hello().isWritablePrimary) {
    print('mongo-1 did not become the primary within a minute; look at its log, then run this again');
    quit(1);
  }
  print("making the hub's user");
  admin.createUser({
    user: 'hub',
    pwd: password,
    // Its own database, and leave to ask the server how it is (talanoa doctor). Nothing else.
    roles: [
      { role: 'readWrite', db: 'talanoa' },
      { role: 'clusterMonitor', db: 'admin' },
    ],
  });
}
print('ready');

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** An in-memory server that speaks MongoDB's protocol to the 7.9 driver. Prints its address; ends when its input ends. */
public class Main {
  public static void main(String[] args) throws Exception {
    MemoryBackend backend = new MemoryBackend();
    backend.version(new MongoVersion() {
      @Override
      public List<Integer> getVersionArray() {
        return List.of(7, 0, 0);
      }

      @Override
      public int getWireVersion() {
        return 21;
      }
    });
    MongoServer server = new MongoServer(backend);
    System.out.println(server.bindAndGetConnectionString());
    while (System.in.read() != -1) {}
    server.shutdownNow();
  }
}

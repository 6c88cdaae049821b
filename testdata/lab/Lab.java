import java.io.BufferedWriter;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Makes TLS handshakes on the loopback, as one properties file says, and writes down what the Java API saw of each.
 *
 * <pre>java Lab CONF both|client|server RESULT</pre>
 *
 * Settings are {@code client.KEY}, {@code server.KEY} and {@code relay.KEY}; {@code client.7.KEY} holds for the eighth
 * connection only. {@code security.NAME} becomes a security property before JSSE is touched. The settings themselves are
 * told by record.py, which is the only one to write such files. Nothing is printed to stdout or stderr: they belong to the
 * debug output of JSSE.
 */
public final class Lab {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int PATIENCE = 15000;

    private static Properties conf;
    private static PrintWriter results;
    private static String mode;
    private static final Map<String, SSLContext> CONTEXTS = new HashMap<>();

    public static void main(String[] args) throws Exception {
        conf = new Properties();
        try (InputStreamReader in = new InputStreamReader(new FileInputStream(args[0]), StandardCharsets.UTF_8)) {
            conf.load(in);
        }
        mode = args[1];
        results = new PrintWriter(new BufferedWriter(
            new OutputStreamWriter(new FileOutputStream(args[2]), StandardCharsets.UTF_8)), true);
        for (String name : conf.stringPropertyNames()) {
            for (String prefix : new String[] {"security.", mode + ".security."}) {
                if (name.startsWith(prefix)) {
                    Security.setProperty(name.substring(prefix.length()), conf.getProperty(name));
                }
            }
        }
        results.println("{\"java_version\":" + quote(System.getProperty("java.version"))
            + ",\"runtime\":" + quote(System.getProperty("java.runtime.version"))
            + ",\"vendor\":" + quote(System.getProperty("java.vendor")) + "}");

        List<Thread> work = new ArrayList<>();
        if (!mode.equals("client")) {
            ServerSocket door = open();
            Thread server = new Thread(() -> serve(door), get("server", 0, "thread", "server"));
            server.start();
            work.add(server);
            int port = door.getLocalPort();
            if (conf.getProperty("relay.records") != null) {
                ServerSocket gate = new ServerSocket(0, 50, LOOPBACK);
                int behind = port;
                Thread relay = new Thread(() -> relay(gate, behind), "relay");
                relay.setDaemon(true);
                relay.start();
                port = gate.getLocalPort();
            }
            if (mode.equals("server")) {
                File half = new File("port.tmp");
                try (FileOutputStream out = new FileOutputStream(half)) {
                    out.write(Integer.toString(port).getBytes(StandardCharsets.US_ASCII));
                }
                if (!half.renameTo(new File("port"))) {
                    throw new IOException("cannot write the port file");
                }
            } else {
                work.addAll(clients(port));
            }
        } else {
            File file = new File("port");
            for (int i = 0; !file.exists() && i < PATIENCE / 20; i++) {
                Thread.sleep(20);
            }
            byte[] text = new byte[16];
            int n;
            try (FileInputStream in = new FileInputStream(file)) {
                n = in.read(text);
            }
            work.addAll(clients(Integer.parseInt(new String(text, 0, n, StandardCharsets.US_ASCII))));
        }
        for (Thread thread : work) {
            thread.join();
        }
        results.flush();
        System.exit(0);
    }

    // ------------------------------------------------------------------------------------------------- settings

    private static String get(String end, int i, String key, String otherwise) {
        String own = conf.getProperty(end + "." + i + "." + key);
        return own != null ? own : conf.getProperty(end + "." + key, otherwise);
    }

    private static int number(String end, int i, String key, int otherwise) {
        String text = get(end, i, key, null);
        return text == null ? otherwise : Integer.parseInt(text);
    }

    private static boolean is(String end, int i, String key) {
        return "yes".equals(get(end, i, key, "no"));
    }

    private static byte[] bytes(String spec) {
        if (spec.startsWith("text:")) {
            return spec.substring(5).getBytes(StandardCharsets.ISO_8859_1);
        }
        String hex = spec.substring(4).replace(" ", "");
        byte[] out = new byte[hex.length() / 2];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return out;
    }

    // ------------------------------------------------------------------------------------------------- contexts

    private static KeyStore store() throws Exception {
        KeyStore all = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream("lab.p12")) {
            all.load(in, PASSWORD);
        }
        return all;
    }

    private static KeyStore empty() throws Exception {
        KeyStore none = KeyStore.getInstance("PKCS12");
        none.load(null, null);
        return none;
    }

    private static synchronized SSLContext context(String end, int i) throws Exception {
        String key = get(end, i, "key", "");
        String chain = get(end, i, "chain", "");
        String trust = get(end, i, "trust", "");
        String manager = get(end, i, "keymanager", "plain");
        if (trust.equals("default")) {
            return SSLContext.getDefault();
        }
        String id = end + "|" + key + "|" + chain + "|" + trust + "|" + manager + "|" + get(end, i, "context", "");
        SSLContext made = CONTEXTS.get(id);
        if (made != null) {
            return made;
        }
        KeyManager[] keys = null;
        if (!key.isEmpty()) {
            KeyStore own = empty();
            for (String alias : key.equals("none") ? new String[0] : key.split(",")) {
                KeyStore all = store();
                PrivateKey secret = (PrivateKey) all.getKey(alias, PASSWORD);
                X509Certificate[] sent = chain(all.getCertificateChain(alias), chain);
                if (manager.equals("forced")) {
                    keys = new KeyManager[] {new Forced(alias, secret, sent)};
                } else {
                    own.setKeyEntry(alias, secret, PASSWORD, sent);
                }
            }
            if (keys == null) {
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(own, PASSWORD);
                keys = factory.getKeyManagers();
            }
        }
        TrustManager[] trusts = null;
        if (!trust.isEmpty()) {
            KeyStore anchors = empty();
            if (!trust.equals("empty")) {
                KeyStore all = store();
                for (String alias : trust.split(",")) {
                    anchors.setCertificateEntry(alias, all.getCertificateChain(alias)[0]);
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(anchors);
            trusts = factory.getTrustManagers();
        }
        made = SSLContext.getInstance("TLS");
        made.init(keys, trusts, null);
        CONTEXTS.put(id, made);
        return made;
    }

    /** The certificates at these positions; all but the root where none are named. */
    private static X509Certificate[] chain(Certificate[] full, String positions) {
        List<X509Certificate> out = new ArrayList<>();
        if (positions.isEmpty()) {
            for (int k = 0; k < Math.max(1, full.length - 1); k++) {
                out.add((X509Certificate) full[k]);
            }
        } else {
            for (String position : positions.split(",")) {
                out.add((X509Certificate) full[Integer.parseInt(position)]);
            }
        }
        return out.toArray(new X509Certificate[0]);
    }

    /** A key manager that gives its one chain, as it is, whatever the peer asks for. */
    private static final class Forced extends X509ExtendedKeyManager {
        private final String alias;
        private final PrivateKey key;
        private final X509Certificate[] chain;

        Forced(String alias, PrivateKey key, X509Certificate[] chain) {
            this.alias = alias;
            this.key = key;
            this.chain = chain;
        }

        @Override public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {alias};
        }

        @Override public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return alias;
        }

        @Override public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return alias;
        }

        @Override public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[] {alias};
        }

        @Override public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return alias;
        }

        @Override public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return alias;
        }

        @Override public X509Certificate[] getCertificateChain(String ignored) {
            return chain.clone();
        }

        @Override public PrivateKey getPrivateKey(String ignored) {
            return key;
        }
    }

    private static SSLParameters parameters(String end, int i, SSLParameters p, boolean client) throws Exception {
        String protocols = get(end, i, "protocols", null);
        if (protocols != null) {
            p.setProtocols(protocols.split(","));
        }
        String ciphers = get(end, i, "ciphers", null);
        if (ciphers != null) {
            p.setCipherSuites(ciphers.split(","));
        }
        String alpn = get(end, i, "alpn", null);
        if (alpn != null) {
            Method set = SSLParameters.class.getMethod("setApplicationProtocols", String[].class);
            set.invoke(p, (Object) alpn.split(","));
        }
        String groups = get(end, i, "groups", null);
        if (groups != null) {
            Method set = SSLParameters.class.getMethod("setNamedGroups", String[].class);
            set.invoke(p, (Object) groups.split(","));
        }
        if (client) {
            if (!"no".equals(get(end, i, "check", "yes"))) {
                p.setEndpointIdentificationAlgorithm("HTTPS");
            }
            if ("none".equals(get(end, i, "sni", ""))) {
                p.setServerNames(Collections.<SNIServerName>emptyList());
            }
        } else {
            String auth = get(end, i, "auth", "");
            if (auth.equals("need")) {
                p.setNeedClientAuth(true);
            } else if (auth.equals("want")) {
                p.setWantClientAuth(true);
            }
            String names = get(end, i, "sni", null);
            if (names != null) {
                p.setSNIMatchers(Collections.<SNIMatcher>singletonList(SNIHostName.createSNIMatcher(names)));
            }
        }
        return p;
    }

    // ------------------------------------------------------------------------------------------------- server

    private static ServerSocket open() throws Exception {
        String kind = get("server", 0, "kind", "tls");
        if (kind.equals("tls")) {
            return context("server", 0).getServerSocketFactory().createServerSocket(0, 50, LOOPBACK);
        }
        return new ServerSocket(0, 50, LOOPBACK);
    }

    private static void serve(ServerSocket door) {
        int connections = number("server", 0, "connections", number("client", 0, "connections", 1));
        boolean parallel = number("client", 0, "parallel", 0) > 0;
        List<Thread> helpers = new ArrayList<>();
        try {
            door.setSoTimeout(PATIENCE);
            for (int i = 0; i < connections; i++) {
                Socket socket = door.accept();
                int index = i;
                if (parallel) {
                    Thread helper = thread("server", i, () -> answer(socket, index));
                    helpers.add(helper);
                } else {
                    answer(socket, i);
                }
            }
            for (Thread helper : helpers) {
                helper.join();
            }
            door.close();
        } catch (Exception e) {
            Report report = new Report("server", -1);
            report.fail("accept", e);
            report.write();
        }
    }

    private static void answer(Socket socket, int i) {
        String kind = get("server", i, "kind", "tls");
        if (kind.equals("raw")) {
            rawServer(socket, i);
        } else if (kind.equals("engine")) {
            engine("server", i, socket, 0);
        } else {
            tlsServer((SSLSocket) socket, i);
        }
    }

    private static void tlsServer(SSLSocket socket, int i) {
        Report report = new Report("server", i);
        try {
            socket.setSoTimeout(number("server", i, "timeout", PATIENCE));
            socket.setSSLParameters(parameters("server", i, socket.getSSLParameters(), false));
            String talk = get("server", i, "talk", "hello");
            report.start();
            try {
                socket.startHandshake();
                report.established(socket.getSession());
            } catch (Exception e) {
                report.fail("handshake", e);
                return;
            }
            try {
                OutputStream out = socket.getOutputStream();
                InputStream in = socket.getInputStream();
                if (talk.equals("bulk")) {
                    byte[] block = new byte[4096];
                    for (int k = 0; k < number("server", i, "blocks", 16); k++) {
                        out.write(block);
                    }
                } else if (talk.equals("renegotiate")) {
                    // The second handshake goes on inside in.read(); this tells when it is done.
                    socket.addHandshakeCompletedListener(event -> {
                        report.again(event.getSession());
                        try {
                            out.write('2');
                            out.flush();
                        } catch (IOException e) {
                            report.fail("talk", e);
                        }
                    });
                    out.write('1');
                } else {
                    out.write('1');
                }
                out.flush();
                if (talk.equals("brief")) {
                    // The server closes first.
                    socket.close();
                } else {
                    while (in.read() >= 0) {
                        continue;
                    }
                }
                report.talked();
            } catch (Exception e) {
                report.fail("talk", e);
            }
        } catch (Exception e) {
            report.fail("setup", e);
        } finally {
            close(socket);
            report.write();
        }
    }

    private static void rawServer(Socket socket, int i) {
        try {
            socket.setSoTimeout(PATIENCE);
            String reply = get("server", i, "reply", null);
            boolean first = is("server", i, "first");
            if (first && reply != null) {
                socket.getOutputStream().write(bytes(reply));
                socket.getOutputStream().flush();
            }
            socket.getInputStream().read(new byte[16384]);
            if (!first && reply != null) {
                socket.getOutputStream().write(bytes(reply));
                socket.getOutputStream().flush();
            }
            String then = get("server", i, "then", "close");
            if (then.equals("hang")) {
                while (socket.getInputStream().read() >= 0) {
                    continue;
                }
            } else if (then.equals("reset")) {
                socket.setSoLinger(true, 0);
            } else {
                // An orderly end: everything the client still sends is read, so that no reset overtakes the reply.
                socket.shutdownOutput();
                socket.setSoTimeout(3000);
                while (socket.getInputStream().read() >= 0) {
                    continue;
                }
            }
        } catch (IOException e) {
            // The client may go first.
        } finally {
            close(socket);
        }
    }

    // ------------------------------------------------------------------------------------------------- relay

    /** Passes on whole TLS records; after relay.records of them from the server it ends the connection. */
    private static void relay(ServerSocket gate, int behind) {
        try {
            while (true) {
                Socket front = gate.accept();
                Socket back = new Socket(LOOPBACK, behind);
                AtomicBoolean cut = new AtomicBoolean();
                Thread up = new Thread(() -> {
                    try {
                        byte[] buffer = new byte[16384];
                        for (int n; (n = front.getInputStream().read(buffer)) >= 0 && !cut.get();) {
                            back.getOutputStream().write(buffer, 0, n);
                        }
                    } catch (IOException e) {
                        // One of the ends went away, as meant.
                    }
                }, "relay-up");
                up.setDaemon(true);
                up.start();
                try {
                    DataInputStream in = new DataInputStream(back.getInputStream());
                    for (int k = 0; k < Integer.parseInt(conf.getProperty("relay.records")); k++) {
                        byte[] head = new byte[5];
                        in.readFully(head);
                        byte[] body = new byte[(head[3] & 255) << 8 | head[4] & 255];
                        in.readFully(body);
                        front.getOutputStream().write(head);
                        front.getOutputStream().write(body);
                    }
                } catch (IOException e) {
                    // The server ended the connection first. Its last words are on their way; the client may still write.
                    Thread.sleep(2000);
                }
                String then = conf.getProperty("relay.then", "close");
                // Let both ends take in what was passed on.
                Thread.sleep(300);
                cut.set(true);
                if (then.equals("reset")) {
                    front.setSoLinger(true, 0);
                    back.setSoLinger(true, 0);
                } else if (then.equals("hang")) {
                    Thread.sleep(PATIENCE);
                } else {
                    // An orderly end: both ends see a FIN first, and nothing unread turns it into a reset.
                    front.shutdownOutput();
                    back.shutdownOutput();
                    byte[] buffer = new byte[16384];
                    back.setSoTimeout(500);
                    try {
                        while (back.getInputStream().read(buffer) >= 0) {
                            continue;
                        }
                    } catch (IOException e) {
                        // Whatever the server does now.
                    }
                }
                front.close();
                back.close();
            }
        } catch (Exception e) {
            // The gate is closed by the end of the JVM.
        }
    }

    // ------------------------------------------------------------------------------------------------- client

    private static List<Thread> clients(int port) throws Exception {
        int connections = number("client", 0, "connections", 1);
        int parallel = number("client", 0, "parallel", 0);
        List<Thread> threads = new ArrayList<>();
        if (parallel > 0) {
            CyclicBarrier barrier = new CyclicBarrier(connections);
            for (int i = 0; i < connections; i++) {
                int index = i;
                threads.add(thread("client", i, () -> call(index, port, barrier)));
            }
        } else {
            threads.add(thread("client", 0, () -> {
                for (int i = 0; i < connections; i++) {
                    call(i, port, null);
                }
            }));
        }
        return threads;
    }

    /** Starts a thread named client, client-3 … or as the settings say; a virtual one where they say so. */
    private static Thread thread(String end, int i, Runnable work) throws Exception {
        String name = get(end, i, "thread", end);
        if (number("client", 0, "parallel", 0) > 0 && conf.getProperty(end + "." + i + ".thread") == null) {
            name = name + "-" + (i + 1);
        }
        if (is(end, i, "virtual")) {
            if (i % 2 == 0) {
                return (Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, work);
            }
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            builder = type.getMethod("name", String.class).invoke(builder, "virtual-" + name);
            return (Thread) type.getMethod("start", Runnable.class).invoke(builder, work);
        }
        Thread thread = new Thread(work, name);
        thread.start();
        return thread;
    }

    private static void call(int i, int port, CyclicBarrier barrier) {
        String kind = get("client", i, "kind", "tls");
        try {
            // A pause: a session that was made before this connection is then older than it by the clock.
            Thread.sleep(5);
            Socket socket = new Socket(LOOPBACK, port);
            if (barrier != null) {
                barrier.await(PATIENCE, TimeUnit.MILLISECONDS);
            }
            if (kind.equals("raw")) {
                rawClient(socket, i);
            } else if (kind.equals("engine")) {
                engine("client", i, socket, port);
            } else {
                tlsClient(socket, i, port);
            }
        } catch (Exception e) {
            Report report = new Report("client", i);
            report.fail("connect", e);
            report.write();
        }
    }

    private static void tlsClient(Socket raw, int i, int port) {
        Report report = new Report("client", i);
        SSLSocket socket = null;
        try {
            socket = (SSLSocket) context("client", i).getSocketFactory()
                .createSocket(raw, get("client", i, "host", "api.lab.example"), port, true);
            socket.setSoTimeout(number("client", i, "timeout", PATIENCE));
            socket.setSSLParameters(parameters("client", i, socket.getSSLParameters(), true));
            report.start();
            try {
                socket.startHandshake();
                report.established(socket.getSession());
            } catch (Exception e) {
                report.fail("handshake", e);
                return;
            }
            try {
                String talk = get("client", i, "talk", "hello");
                OutputStream out = socket.getOutputStream();
                InputStream in = socket.getInputStream();
                if (talk.equals("bulk")) {
                    int want = 4096 * number("server", i, "blocks", 16);
                    byte[] buffer = new byte[4096];
                    while (want > 0) {
                        int n = in.read(buffer);
                        if (n < 0) {
                            throw new EOFException("too few bytes");
                        }
                        want -= n;
                    }
                } else {
                    if (in.read() < 0) {
                        throw new EOFException("end of stream instead of the greeting");
                    }
                    if (talk.equals("renegotiate")) {
                        socket.getSession().invalidate();
                        report.start();
                        socket.startHandshake();
                        if (in.read() < 0) {
                            throw new EOFException("end of stream instead of the second greeting");
                        }
                        report.again(socket.getSession());
                    }
                }
                if (talk.equals("brief")) {
                    while (in.read() >= 0) {
                        continue;
                    }
                } else {
                    out.write('b');
                    out.flush();
                }
                report.talked();
            } catch (Exception e) {
                report.fail("talk", e);
            }
        } catch (Exception | LinkageError e) {
            report.fail("setup", e);
        } finally {
            close(socket == null ? raw : socket);
            report.write();
        }
    }

    private static void rawClient(Socket socket, int i) {
        try {
            socket.setSoTimeout(3000);
            String send = get("client", i, "send", null);
            if (send != null) {
                socket.getOutputStream().write(bytes(send));
                socket.getOutputStream().flush();
                while (socket.getInputStream().read() >= 0) {
                    continue;
                }
            }
        } catch (IOException e) {
            // However the server ends it.
        } finally {
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is to be learnt here.
        }
    }

    // ------------------------------------------------------------------------------------------------- engine

    private static ExecutorService[] pool;
    private static int turn;

    /** Runs each piece of work on the next thread of a pool: wrap, unwrap and delegated tasks of one engine hop. */
    private static <T> T hop(Callable<T> work) throws Exception {
        ExecutorService next;
        synchronized (Lab.class) {
            if (pool == null) {
                pool = new ExecutorService[3];
                for (int k = 0; k < pool.length; k++) {
                    String name = "nio-worker-" + (k + 1);
                    pool[k] = Executors.newSingleThreadExecutor(r -> {
                        Thread t = new Thread(r, name);
                        t.setDaemon(true);
                        return t;
                    });
                }
            }
            next = pool[turn++ % pool.length];
        }
        try {
            return next.submit(work).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception) {
                throw (Exception) e.getCause();
            }
            throw e;
        }
    }

    private static void engine(String end, int i, Socket socket, int port) {
        boolean client = end.equals("client");
        Report report = new Report(end, i);
        try {
            socket.setSoTimeout(PATIENCE);
            SSLContext context = context(end, i);
            SSLEngine engine = client
                ? context.createSSLEngine(get(end, i, "host", "api.lab.example"), port)
                : context.createSSLEngine();
            engine.setUseClientMode(client);
            engine.setSSLParameters(parameters(end, i, engine.getSSLParameters(), client));
            int stop = number(end, i, "stopafter", 0);
            ByteBuffer in = ByteBuffer.allocate(64 * 1024);
            in.flip();
            report.start();
            boolean established = false;
            try {
                hop(() -> {
                    engine.beginHandshake();
                    return null;
                });
                int fed = 0;
                while (true) {
                    HandshakeStatus status = engine.getHandshakeStatus();
                    if (status == HandshakeStatus.NEED_TASK) {
                        for (Runnable task; (task = engine.getDelegatedTask()) != null;) {
                            Runnable job = task;
                            hop(() -> {
                                job.run();
                                return null;
                            });
                        }
                    } else if (status == HandshakeStatus.NEED_WRAP) {
                        send(engine, socket, new byte[0]);
                    } else if (status == HandshakeStatus.FINISHED || status == HandshakeStatus.NOT_HANDSHAKING) {
                        break;
                    } else {
                        receive(engine, socket, in);
                        if (stop > 0 && ++fed >= stop) {
                            socket.close();
                            report.fail("handshake", new IOException("this end closed the connection on purpose"));
                            return;
                        }
                    }
                }
                established = true;
                report.established(engine.getSession());
                if (client) {
                    while (receive(engine, socket, in) == 0) {
                        continue;
                    }
                } else {
                    send(engine, socket, new byte[] {'1'});
                }
                report.talked();
            } catch (Exception e) {
                report.fail(established ? "talk" : "handshake", e);
                // What the engine still has to say is the alert.
                for (int k = 0; k < 4 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; k++) {
                    send(engine, socket, new byte[0]);
                }
            }
            if (established && !client) {
                // The client goes first.
                while (socket.getInputStream().read() >= 0) {
                    continue;
                }
            } else {
                socket.shutdownOutput();
                socket.setSoTimeout(1000);
                while (socket.getInputStream().read() >= 0) {
                    continue;
                }
            }
        } catch (Exception e) {
            report.after(e);
        } finally {
            close(socket);
            report.write();
        }
    }

    private static void send(SSLEngine engine, Socket socket, byte[] data) throws Exception {
        ByteBuffer out = ByteBuffer.allocate(64 * 1024);
        hop(() -> engine.wrap(ByteBuffer.wrap(data), out));
        socket.getOutputStream().write(out.array(), 0, out.position());
        socket.getOutputStream().flush();
    }

    private static int receive(SSLEngine engine, Socket socket, ByteBuffer in) throws Exception {
        ByteBuffer plain = ByteBuffer.allocate(64 * 1024);
        SSLEngineResult result = hop(() -> engine.unwrap(in, plain));
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
            byte[] buffer = new byte[16384];
            int n = socket.getInputStream().read(buffer);
            if (n < 0) {
                hop(() -> {
                    engine.closeInbound();
                    return null;
                });
                throw new EOFException("end of stream");
            }
            in.compact();
            in.put(buffer, 0, n);
            in.flip();
        } else if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            throw new EOFException("the engine is closed");
        }
        return plain.position();
    }

    // ------------------------------------------------------------------------------------------------- what was seen

    /** What the Java API told about one end of one connection; one JSON line. */
    private static final class Report {
        private final String end;
        private final int index;
        private final String thread = Thread.currentThread().getName();
        private long started;
        private final List<String> sessions = new ArrayList<>();
        private String failedAt;
        private String exception;
        private boolean talked;
        private boolean written;

        Report(String end, int index) {
            this.end = end;
            this.index = index;
        }

        void start() {
            started = System.currentTimeMillis();
        }

        void established(SSLSession session) {
            session(session, session.getCreationTime() < started);
        }

        /** After a renegotiation. */
        void again(SSLSession session) {
            session(session, false);
        }

        private void session(SSLSession session, boolean resumed) {
            sessions.add("{\"version\":" + quote(session.getProtocol()) + ",\"cipher_suite\":"
                + quote(session.getCipherSuite()) + ",\"resumed\":" + resumed + "}");
        }

        void talked() {
            talked = true;
        }

        void fail(String where, Throwable e) {
            failedAt = where;
            StringBuilder text = new StringBuilder();
            for (Throwable t = e; t != null; t = t.getCause()) {
                text.append(text.length() == 0 ? "" : " <- ").append(t.getClass().getName()).append(": ")
                    .append(t.getMessage());
            }
            for (Throwable t : e.getSuppressed()) {
                text.append(" [suppressed ").append(t.getClass().getName()).append(": ").append(t.getMessage())
                    .append(']');
            }
            exception = text.toString();
        }

        /** An exception while winding up: told only where nothing was told before. */
        void after(Exception e) {
            if (failedAt == null && !talked) {
                fail("setup", e);
            }
        }

        void write() {
            if (written) {
                return;
            }
            written = true;
            synchronized (results) {
                results.println("{\"end\":" + quote(end) + ",\"index\":" + index + ",\"thread\":" + quote(thread)
                    + ",\"sessions\":" + sessions + ",\"talked\":" + talked + ",\"failed_at\":" + quote(failedAt)
                    + ",\"exception\":" + quote(exception) + "}");
            }
        }
    }

    private static String quote(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}

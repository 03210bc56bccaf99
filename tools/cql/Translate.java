import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.cqframework.cql.cql2elm.CqlCompilerException;
import org.cqframework.cql.cql2elm.CqlCompilerOptions;
import org.cqframework.cql.cql2elm.CqlTranslator;
import org.cqframework.cql.cql2elm.DefaultLibrarySourceProvider;
import org.cqframework.cql.cql2elm.LibraryBuilder;
import org.cqframework.cql.cql2elm.LibraryManager;
import org.cqframework.cql.cql2elm.ModelManager;
import org.cqframework.cql.cql2elm.quick.FhirLibrarySourceProvider;

/** Translates each CQL file of a folder to ELM as JSON in another: java -cp 'lib/*' Translate.java CQL-FOLDER ELM-FOLDER. */
public class Translate {
  public static void main(String[] folders) throws Exception {
    File[] files = new File(folders[0]).listFiles((folder, name) -> name.endsWith(".cql"));
    java.util.Arrays.sort(files);
    boolean failed = false;
    for (File file : files) {
      // Locators name the place of a fault in the CQL. Annotations repeat the CQL and are left out.
      CqlCompilerOptions options =
          new CqlCompilerOptions(
              CqlCompilerOptions.Options.EnableLocators,
              CqlCompilerOptions.Options.DisableListDemotion,
              CqlCompilerOptions.Options.DisableListPromotion);
      options.setSignatureLevel(LibraryBuilder.SignatureLevel.Overloads);
      LibraryManager libraries = new LibraryManager(new ModelManager(), options);
      libraries.getLibrarySourceLoader().registerProvider(new DefaultLibrarySourceProvider(Path.of(folders[0])));
      libraries.getLibrarySourceLoader().registerProvider(new FhirLibrarySourceProvider());
      CqlTranslator translator = CqlTranslator.fromFile(file, libraries);
      for (CqlCompilerException problem : translator.getExceptions()) {
        String place = problem.getLocator() == null ? "" : problem.getLocator().toLocator();
        System.err.println(file.getName() + ": " + problem.getSeverity() + " " + place + " " + problem.getMessage());
        failed |= problem.getSeverity() == CqlCompilerException.ErrorSeverity.Error;
      }
      Path target = Path.of(folders[1], file.getName().replace(".cql", ".json"));
      Files.writeString(target, translator.toJson());
    }
    if (failed) System.exit(1);
  }
}

// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.concurrent.CountDownLatch;
import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.OsString;

/** Contributors as no site should have them. */
@SuppressWarnings({"NullAway", "InfiniteRecursion"})
public final class HostileContributors {
  private HostileContributors() {}

  /** Fails with words. */
  public static final class Throws implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      throw new IllegalStateException("the licence server is away");
    }
  }

  /** Refuses its own plan. */
  public static final class Conflicts implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan.plus(BindMount.parse(OsString.of("/usr:/data")))
          .plus(BindMount.parse(OsString.of("/var:/data")));
    }
  }

  /** Has a mistake. */
  public static final class Mistaken implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan.plus((MountPlan) null);
    }
  }

  /** Never comes to an end. */
  public static final class Overflows implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return contribute(image, host, plan);
    }
  }

  /** Was compiled with what is not there. */
  public static final class LacksClass implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      throw new NoClassDefFoundError("org/example/Gone");
    }
  }

  /** Has no answer. */
  public static final class ReturnsNull implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return null;
    }
  }

  /** Has no name. */
  public static final class NoName implements MountContributor {
    @Override
    public String name() {
      return null;
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan;
    }
  }

  /** Has an empty name. */
  public static final class EmptyName implements MountContributor {
    @Override
    public String name() {
      return " ";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan;
    }
  }

  /** Cannot tell its name. */
  public static final class NameThrows implements MountContributor {
    @Override
    public String name() {
      throw new UnsupportedOperationException("nameless");
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan;
    }
  }

  /** Cannot be created. */
  public static final class Unborn implements MountContributor {
    /** Fails. */
    public Unborn() {
      throw new IllegalStateException("no database");
    }

    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan;
    }
  }

  /** Has no public constructor. */
  public static final class Hidden implements MountContributor {
    Hidden() {}

    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan;
    }
  }

  /** Cannot be initialized. */
  public static final class BadStart implements MountContributor {
    static final int SIZE = Integer.parseInt("many");

    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      return plan;
    }
  }

  /** Never answers. */
  public static final class Hangs implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return plan;
    }
  }

  /** Meets the end of the heap. */
  public static final class NoMemory implements MountContributor {
    @Override
    public String name() {
      return "hostile";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      throw new OutOfMemoryError("not the code's fault");
    }
  }

  /** Is named as a contributor and is none. */
  public static final class Impostor {}
}

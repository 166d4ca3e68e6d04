export interface FocusReturn {
  /** For `onOpenAutoFocus`. */
  enter: (event: Event) => void;
  /** For `onCloseAutoFocus`. */
  leave: (event: Event) => void;
}

/**
 * Where the focus goes in a dialog that opens by state, not by a trigger of its own: to what is
 * marked with `data-autofocus`, and afterwards back to where it was.
 */
export function makeFocusReturn(): FocusReturn {
  let opener: Element | null = null;
  return {
    enter: (event) => {
      opener = document.activeElement;
      const content = event.currentTarget;
      if (!(content instanceof Element)) return;
      const first = content.querySelector<HTMLElement>("[data-autofocus]");
      if (!first) return;
      event.preventDefault();
      first.focus();
    },
    leave: (event) => {
      if (!(opener instanceof HTMLElement) || !opener.isConnected) return;
      event.preventDefault();
      opener.focus();
    },
  };
}
